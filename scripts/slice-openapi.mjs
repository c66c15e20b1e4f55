#!/usr/bin/env node
/**
 * Cuts the part of GitHub's OpenAPI description that Issue Crew uses out of @octokit/openapi and writes it, with its
 * version and licence, to src/practice/openapi/github-openapi.json.
 *
 *   node scripts/slice-openapi.mjs               fetches the pinned version with npm into a temporary folder
 *   node scripts/slice-openapi.mjs FOLDER        uses an unpacked copy of the package
 *
 * To use another operation, add its line below and run this again. To follow a newer description, change VERSION.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const VERSION = '23.0.2'
const TARGET = fileURLToPath(new URL('../src/practice/openapi/github-openapi.json', import.meta.url))

/** Every request the App may send. Method, then path template, as the description spells them. */
const OPERATIONS = `
GET    /app
GET    /app/installations
GET    /app/installations/{installation_id}
POST   /app/installations/{installation_id}/access_tokens
GET    /app/hook/deliveries
GET    /app/hook/deliveries/{delivery_id}
POST   /app/hook/deliveries/{delivery_id}/attempts
GET    /installation/repositories
GET    /repos/{owner}/{repo}
GET    /repos/{owner}/{repo}/installation
GET    /repos/{owner}/{repo}/collaborators/{username}/permission
GET    /orgs/{org}/teams/{team_slug}/memberships/{username}
GET    /repos/{owner}/{repo}/branches/{branch}
GET    /repos/{owner}/{repo}/contents/{path}
GET    /repos/{owner}/{repo}/compare/{basehead}
GET    /repos/{owner}/{repo}/commits
GET    /repos/{owner}/{repo}/commits/{ref}
GET    /repos/{owner}/{repo}/issues
POST   /repos/{owner}/{repo}/issues
GET    /repos/{owner}/{repo}/issues/{issue_number}
PATCH  /repos/{owner}/{repo}/issues/{issue_number}
GET    /repos/{owner}/{repo}/issues/{issue_number}/events
GET    /repos/{owner}/{repo}/issues/{issue_number}/labels
POST   /repos/{owner}/{repo}/issues/{issue_number}/labels
DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}
GET    /repos/{owner}/{repo}/labels
POST   /repos/{owner}/{repo}/labels
GET    /repos/{owner}/{repo}/issues/{issue_number}/comments
POST   /repos/{owner}/{repo}/issues/{issue_number}/comments
GET    /repos/{owner}/{repo}/issues/comments
GET    /repos/{owner}/{repo}/issues/comments/{comment_id}
PATCH  /repos/{owner}/{repo}/issues/comments/{comment_id}
DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}
GET    /repos/{owner}/{repo}/issues/{issue_number}/reactions
POST   /repos/{owner}/{repo}/issues/{issue_number}/reactions
GET    /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions
POST   /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions
POST   /repos/{owner}/{repo}/git/blobs
GET    /repos/{owner}/{repo}/git/blobs/{file_sha}
POST   /repos/{owner}/{repo}/git/trees
GET    /repos/{owner}/{repo}/git/trees/{tree_sha}
POST   /repos/{owner}/{repo}/git/commits
GET    /repos/{owner}/{repo}/git/commits/{commit_sha}
GET    /repos/{owner}/{repo}/git/ref/{ref}
GET    /repos/{owner}/{repo}/git/matching-refs/{ref}
POST   /repos/{owner}/{repo}/git/refs
PATCH  /repos/{owner}/{repo}/git/refs/{ref}
DELETE /repos/{owner}/{repo}/git/refs/{ref}
GET    /repos/{owner}/{repo}/pulls
POST   /repos/{owner}/{repo}/pulls
GET    /repos/{owner}/{repo}/pulls/{pull_number}
PATCH  /repos/{owner}/{repo}/pulls/{pull_number}
GET    /repos/{owner}/{repo}/pulls/{pull_number}/files
GET    /repos/{owner}/{repo}/pulls/{pull_number}/commits
GET    /repos/{owner}/{repo}/pulls/{pull_number}/reviews
POST   /repos/{owner}/{repo}/pulls/{pull_number}/reviews
GET    /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}
GET    /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments
GET    /repos/{owner}/{repo}/pulls/{pull_number}/comments
POST   /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies
POST   /repos/{owner}/{repo}/check-runs
GET    /repos/{owner}/{repo}/check-runs/{check_run_id}
PATCH  /repos/{owner}/{repo}/check-runs/{check_run_id}
GET    /repos/{owner}/{repo}/commits/{ref}/check-runs
`

const source = readSource(process.argv[2])
const description = JSON.parse(source.description)
const paths = {}
for (const [method, path] of readOperations()) {
  const operation = description.paths[path]?.[method]
  if (!operation) throw new Error(`@octokit/openapi ${VERSION} describes no ${method.toUpperCase()} ${path}`)
  paths[path] = { ...paths[path], [method]: prune(operation) }
}
const slice = {
  openapi: description.openapi,
  info: {
    title: description.info.title,
    description: `The operations that Issue Crew uses, cut out of @octokit/openapi ${source.version} by scripts/slice-openapi.mjs. Don't edit by hand.`,
    version: source.version,
    license: { ...description.info.license, text: source.license },
  },
  paths,
  components: collectComponents(paths),
}
writeFileSync(TARGET, JSON.stringify(slice, null, 1) + '\n')
console.log(
  `${Object.values(paths).flatMap(Object.keys).length} operations of @octokit/openapi ${source.version} in ${TARGET}`,
)

function readOperations() {
  const lines = OPERATIONS.trim().split('\n')
  return lines.map(line => line.split(/\s+/)).map(([method, path]) => [method.toLowerCase(), path])
}

/** The description, version and licence, from an unpacked package or from npm. */
function readSource(folder) {
  if (folder) return readPackage(folder)
  const temporary = mkdtempSync(join(tmpdir(), 'openapi-'))
  try {
    execFileSync('npm', ['pack', '--silent', `@octokit/openapi@${VERSION}`], {
      cwd: temporary,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const [archive] = readdirSync(temporary)
    execFileSync('tar', ['xzf', archive], { cwd: temporary })
    return readPackage(join(temporary, 'package'))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function readPackage(folder) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (version !== VERSION)
    throw new Error(`${folder} holds @octokit/openapi ${version}, but the slice is pinned to ${VERSION}`)
  return {
    version,
    license: readFileSync(join(folder, 'LICENSE'), 'utf8').trim(),
    description: readFileSync(join(folder, 'generated/api.github.com.json'), 'utf8'),
  }
}

/** Leaves out what a check has no use for: prose, examples and extensions (but x-multi-segment, which says that a path parameter may hold slashes). */
function prune(node, key = '', inProperties = false) {
  if (Array.isArray(node)) return node.map(item => prune(item))
  if (node === null || typeof node !== 'object') return node
  const kept = {}
  for (const [name, value] of Object.entries(node)) {
    if (!inProperties && isProse(name, value, key)) continue
    kept[name] = prune(value, name, !inProperties && name === 'properties')
  }
  return kept
}

function isProse(name, value, parent) {
  if (name === 'x-multi-segment') return false
  // A response must have a description (OpenAPI 3.0, Response Object); those of GitHub are a word or two.
  if (name === 'description' && (parent === 'responses' || /^[1-5]\d\d$/.test(parent))) return value.length > 120
  return (
    ['description', 'example', 'examples', 'externalDocs', 'tags', 'title', 'headers', 'discriminator'].includes(
      name,
    ) || name.startsWith('x-')
  )
}

/** Everything that is referenced, directly or through others, sorted by name. */
function collectComponents(root) {
  const found = new Map()
  const queue = [root]
  while (queue.length > 0) {
    for (const reference of references(queue.pop())) {
      if (found.has(reference)) continue
      const [, , group, name] = reference.split('/')
      const component = prune(description.components[group][name], group === 'responses' ? 'responses' : '')
      found.set(reference, { group, name, component })
      queue.push(component)
    }
  }
  const components = {}
  for (const reference of [...found.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    const { group, name, component } = found.get(reference)
    components[group] = { ...components[group], [name]: component }
  }
  return components
}

function* references(node) {
  if (node === null || typeof node !== 'object') return
  if (typeof node.$ref === 'string') yield node.$ref
  for (const value of Object.values(node)) yield* references(value)
}
