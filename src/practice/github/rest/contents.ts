import { notFound, media, ok, Refused, type Answer } from '../http/answer.js'
import { repositoryRoute, type RepositoryCall } from '../http/routes.js'
import type { TreeEntry } from '../git/objects.js'
import { apiUrl, pageUrl } from '../shapes/repository.js'
import type { Shape } from '../shapes/shape.js'
import { wrapped } from './git-data.js'

/** Above this, contents come without their text, and only as raw bytes. */
const INLINE_LIMIT = 1024 * 1024

/** Files and directories by their path. */
export const contentRoutes = [
  repositoryRoute({
    method: 'GET',
    template: '/contents/{path}',
    app: 'contents',
    person: 'read',
    run: readContents,
  }),
]

async function readContents(call: RepositoryCall<'path'>): Promise<Answer> {
  const { repository, query, accept } = call
  const { git } = repository
  const name = query.get('ref') ?? repository.defaultBranch
  const commit = await git.resolve(name)
  if (commit === null) {
    throw (await git.isEmpty())
      ? new Refused(404, 'This repository is empty.')
      : new Refused(404, `No commit found for the ref ${name}`)
  }
  const path = call.params.path.replace(/\/$/, '')
  const entry = await git.entryAt(commit.tree, path)
  if (entry === null) throw notFound()
  const place = { call, ref: query.get('ref') ?? repository.defaultBranch }
  if (entry.type === 'tree') {
    const tree = await git.tree(entry.sha)
    const entries = tree?.entries ?? []
    const sizes = await git.blobSizes(entries.filter(child => child.type === 'blob').map(child => child.sha))
    const children = entries.map(child => {
      const size = sizes.get(child.sha) ?? 0
      return {
        type: kindOf(child),
        size,
        ...described(place, child, path === '' ? child.path : `${path}/${child.path}`),
      }
    })
    return ok(children)
  }
  if (entry.type === 'commit') {
    return ok({ type: 'submodule', submodule_git_url: null, size: 0, ...described(place, entry, path) })
  }
  const content = (await git.object(entry.sha))?.content ?? Buffer.alloc(0)
  if (/\braw\b/.test(accept)) return media('raw', content)
  if (entry.mode === '120000') {
    return ok({
      type: 'symlink',
      target: content.toString('utf8'),
      size: content.length,
      ...described(place, entry, path),
    })
  }
  const inline = content.length <= INLINE_LIMIT
  return ok({
    type: 'file',
    encoding: inline ? 'base64' : 'none',
    size: content.length,
    ...described(place, entry, path),
    content: inline ? wrapped(content) : '',
  })
}

function kindOf(entry: TreeEntry): string {
  if (entry.mode === '120000') return 'symlink'
  return { blob: 'file', tree: 'dir', commit: 'submodule' }[entry.type]
}

function described({ call, ref }: { call: RepositoryCall; ref: string }, entry: TreeEntry, path: string): Shape {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  const api = apiUrl(call.world, call.repository)
  const page = pageUrl(call.world, call.repository)
  const url = `${api}/contents/${encoded}?ref=${encodeURIComponent(ref)}`
  const git = `${api}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.sha}`
  const html = `${page}/${entry.type === 'tree' ? 'tree' : 'blob'}/${ref}/${encoded}`
  return {
    name: path.split('/').at(-1) ?? '',
    path,
    sha: entry.sha,
    url,
    git_url: git,
    html_url: html,
    download_url: entry.type === 'blob' ? `${page}/raw/${ref}/${encoded}` : null,
    _links: { self: url, git, html },
  }
}
