import { z } from 'zod'

import { created, notFound, notForIntegrations, media, ok, unprocessable, type Answer } from '../http/answer.js'
import { repositoryRoute, type RepositoryCall } from '../http/routes.js'
import type { TreeEdit } from '../git/edit-tree.js'
import { isSha, type GitRepository } from '../git/repository.js'
import { typeOfMode, type Signature, type TreeEntry } from '../git/objects.js'
import { accountEmail } from '../shapes/account.js'
import { shapeGitCommit } from '../shapes/commit.js'
import { apiUrl } from '../shapes/repository.js'
import type { Shape } from '../shapes/shape.js'
import { levelReaches } from '../state/permissions.js'
import { now } from '../state/world.js'

const NewBlob = z.object({ content: z.string(), encoding: z.enum(['utf-8', 'base64']).default('utf-8') })
const TreeItem = z.object({
  path: z.string(),
  mode: z.enum(['100644', '100755', '040000', '160000', '120000']),
  type: z.enum(['blob', 'tree', 'commit']).optional(),
  sha: z.string().nullish(),
  content: z.string().optional(),
})
const NewTree = z.object({ tree: z.array(TreeItem), base_tree: z.string().nullish() })
const Person = z.object({
  name: z.string().min(1),
  email: z.string().min(1),
  date: z.iso.datetime({ offset: true }).optional(),
})
const NewCommit = z.object({
  message: z.string(),
  tree: z.string(),
  parents: z.array(z.string()).default([]),
  author: Person.optional(),
  committer: Person.partial().optional(),
  signature: z.string().optional(),
})

/** Blobs, trees and commits: GitHub's Git Data API. */
export const gitDataRoutes = [
  repositoryRoute({
    method: 'POST',
    template: '/git/blobs',
    app: 'contents',
    person: 'write',
    needsCommits: true,
    body: NewBlob,
    run: async ({ world, repository, body }) => {
      const content = Buffer.from(body.content, body.encoding === 'base64' ? 'base64' : 'utf8')
      const sha = await repository.git.writeObject('blob', content)
      return created({ sha, url: `${apiUrl(world, repository)}/git/blobs/${sha}` })
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/git/blobs/{file_sha}',
    app: 'contents',
    person: 'read',
    needsCommits: true,
    run: async ({ world, repository, params, accept }) => {
      const object = await repository.git.object(params.file_sha)
      if (object?.type !== 'blob') throw notFound()
      if (/\braw\b/.test(accept)) return media('raw', object.content)
      return ok({
        sha: object.sha,
        node_id: `B_${object.sha}`,
        size: object.content.length,
        url: `${apiUrl(world, repository)}/git/blobs/${object.sha}`,
        content: wrapped(object.content),
        encoding: 'base64',
      })
    },
  }),
  repositoryRoute({
    method: 'POST',
    template: '/git/trees',
    app: 'contents',
    person: 'write',
    needsCommits: true,
    body: NewTree,
    run: createTree,
  }),
  repositoryRoute({
    method: 'GET',
    template: '/git/trees/{tree_sha}',
    app: 'contents',
    person: 'read',
    needsCommits: true,
    run: async ({ world, repository, params, query }) => {
      const { git } = repository
      const sha = isSha(params.tree_sha) ? params.tree_sha : (await git.resolve(params.tree_sha))?.tree
      const tree = sha === undefined ? null : await git.tree(sha)
      if (tree === null) throw notFound()
      const entries = query.has('recursive') ? await git.treeRecursive(tree.sha) : tree.entries
      return ok(await shapeTree({ world, repository }, tree.sha, entries))
    },
  }),
  repositoryRoute({
    method: 'POST',
    template: '/git/commits',
    app: 'contents',
    person: 'write',
    needsCommits: true,
    body: NewCommit,
    run: createCommit,
  }),
  repositoryRoute({
    method: 'GET',
    template: '/git/commits/{commit_sha}',
    app: 'contents',
    person: 'read',
    needsCommits: true,
    run: async ({ world, repository, params }) => {
      const commit = await repository.git.commit(params.commit_sha)
      if (commit === null) throw notFound()
      return ok(shapeGitCommit(world, repository, commit))
    },
  }),
]

/** Base64 as GitHub sends it: in lines of sixty. */
export const wrapped = (content: Buffer): string => content.toString('base64').replaceAll(/(.{60})/g, '$1\n') + '\n'

async function createTree(call: RepositoryCall<string, z.infer<typeof NewTree>>): Promise<Answer> {
  const { world, repository, body } = call
  const { git } = repository
  mayTouchWorkflows(call)
  const base = body.base_tree === undefined || body.base_tree === null ? null : await git.tree(body.base_tree)
  if (base === null && typeof body.base_tree === 'string') throw unprocessable('base_tree is not a valid tree oid')
  const contents = body.tree.flatMap(item => item.content ?? [])
  const blobs = await Promise.all(contents.map(content => git.writeObject('blob', content)))
  const edits: TreeEdit[] = []
  for (const item of body.tree) {
    checkPath(item.path)
    const sha = item.content === undefined ? (item.sha ?? null) : (blobs.shift() ?? null)
    if (item.content !== undefined && typeof item.sha === 'string')
      throw unprocessable('Must supply either tree.sha or tree.content, not both')
    if (sha === null && item.sha === undefined) throw unprocessable('Must supply a valid tree.sha or tree.content')
    if (sha === null && (await git.entryAt(base?.sha ?? null, item.path)) === null)
      throw unprocessable('GitRPC::BadObjectState')
    if (sha !== null && item.content === undefined) await checkObject(git, item.mode, sha)
    edits.push({ path: item.path, mode: item.mode, sha })
  }
  const sha = await git.writeTree(base?.sha ?? null, edits)
  const tree = await git.tree(sha)
  return created(await shapeTree({ world, repository }, sha, tree?.entries ?? []))
}

/** An App may only touch workflows with a permission of its own. */
function mayTouchWorkflows({ caller, body }: RepositoryCall<string, z.infer<typeof NewTree>>): void {
  if (caller.kind !== 'installation' || levelReaches(caller.token.permissions, 'workflows', 'write')) return
  if (body.tree.some(item => item.path.startsWith('.github/workflows/'))) throw notForIntegrations()
}

function checkPath(path: string): void {
  const parts = path.split('/')
  if (
    parts.some(part => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git') ||
    path.includes('\0')
  ) {
    throw unprocessable('tree.path contains a malformed path component')
  }
}

async function checkObject(git: GitRepository, mode: string, sha: string): Promise<void> {
  const wanted = typeOfMode(mode)
  // What a submodule points at lies in another repository.
  if (wanted === 'commit' && isSha(sha)) return
  if ((await git.object(sha))?.type !== wanted) throw unprocessable(`tree.sha ${sha} is not a valid ${wanted}`)
}

async function shapeTree(
  { world, repository }: Pick<RepositoryCall, 'world' | 'repository'>,
  sha: string,
  entries: TreeEntry[],
): Promise<Shape> {
  const api = apiUrl(world, repository)
  const blobs = entries.filter(entry => entry.type === 'blob').map(entry => entry.sha)
  const sizes = await repository.git.blobSizes(blobs)
  return {
    sha,
    url: `${api}/git/trees/${sha}`,
    tree: entries.map(entry => ({
      path: entry.path,
      mode: entry.mode,
      type: entry.type,
      sha: entry.sha,
      ...(entry.type === 'blob' ? { size: sizes.get(entry.sha) ?? 0 } : {}),
      ...(entry.type === 'commit' ? {} : { url: `${api}/git/${entry.type}s/${entry.sha}` }),
    })),
    truncated: false,
  }
}

async function createCommit(call: RepositoryCall<string, z.infer<typeof NewCommit>>): Promise<Answer> {
  const { world, repository, body, byApp, actor } = call
  const { git } = repository
  if ((await git.object(body.tree))?.type !== 'tree') throw unprocessable('Tree SHA does not exist')
  for (const parent of body.parents) {
    if ((await git.commit(parent)) === null) throw unprocessable('Parent SHA does not exist or is not a commit object')
  }
  const at = now()
  const self: Signature = { name: actor.login, email: accountEmail(actor), date: at }
  const author = signature(body.author, self)
  // GitHub signs, and so commits, what an App makes without saying who it is by.
  const signed = byApp && body.author === undefined && body.committer === undefined
  const committer = signed
    ? { name: 'GitHub', email: 'noreply@github.com', date: at }
    : signature(body.committer, author)
  const sha = await git.writeCommit({
    tree: body.tree,
    parents: body.parents,
    author,
    committer,
    message: body.message,
  })
  if (signed) repository.verified.set(sha, at)
  const commit = await git.commit(sha)
  if (commit === null) throw new Error(`The commit ${sha} that was just written to ${repository.fullName} is not there`)
  return created(shapeGitCommit(world, repository, commit))
}

const signature = (given: z.infer<typeof NewCommit>['committer'], otherwise: Signature): Signature => ({
  name: given?.name ?? otherwise.name,
  email: given?.email ?? otherwise.email,
  date: given?.date ?? otherwise.date,
})
