import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

import { canSee, mayDo } from '../http/access.js'
import type { Caller } from '../http/caller.js'
import type { Account, Repository } from '../state/types.js'
import type { World } from '../state/world.js'
import { refMoved } from '../webhooks/ref-moved.js'
import type { GitRef } from './repository.js'
import { gitEnvironment } from './run.js'

type Service = 'upload-pack' | 'receive-pack'

/** A request of git's smart HTTP protocol. */
export interface GitRequest {
  owner: string
  name: string
  service: Service
  kind: 'advertise' | 'exchange'
  route: string
}

interface GitExchange {
  world: World
  caller: Caller
  git: GitRequest
  request: IncomingMessage
  response: ServerResponse
}

/** What a URL asks of git; null when it isn't git's. */
export function matchGit(method: string, url: URL): GitRequest | null {
  const match = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname)
  if (match === null) return null
  const [, owner = '', name = '', rest = ''] = match
  const route = `/{owner}/{repo}.git/${rest}`
  if (rest !== 'info/refs') {
    if (method !== 'POST') return null
    return {
      owner,
      name,
      service: rest === 'git-upload-pack' ? 'upload-pack' : 'receive-pack',
      kind: 'exchange',
      route,
    }
  }
  const service = url.searchParams.get('service')
  if (method !== 'GET' || (service !== 'git-upload-pack' && service !== 'git-receive-pack')) return null
  return {
    owner,
    name,
    service: service === 'git-upload-pack' ? 'upload-pack' : 'receive-pack',
    kind: 'advertise',
    route,
  }
}

/** Lets git fetch and push, as the caller's token allows. What a push moved is told to whoever listens. */
export async function answerGit(exchange: GitExchange): Promise<void> {
  const { world, caller, git } = exchange
  const repository = world.repository(git.owner, git.name)
  const needed = {
    app: ['contents' as const],
    level: git.service === 'upload-pack' ? ('read' as const) : ('write' as const),
  }
  if (repository === undefined || !canSee(caller, repository)) {
    return caller.kind === 'anonymous' ? askForToken(exchange) : refuse(exchange, 404, 'Repository not found.')
  }
  if (!mayDo(caller, repository, { ...needed, person: git.service === 'upload-pack' ? 'read' : 'write' })) {
    if (caller.kind === 'anonymous') return askForToken(exchange)
    const login = caller.kind === 'user' ? caller.account.login : world.app.bot.login
    return refuse(exchange, 403, `Permission to ${repository.fullName}.git denied to ${login}.`)
  }
  if (git.service === 'upload-pack' || git.kind === 'advertise') {
    if (git.service === 'receive-pack' && repository.archived) return refuse(exchange, 403, ARCHIVED)
    return converse(exchange, repository)
  }
  const pusher = caller.kind === 'user' ? caller.account : world.app.bot
  await repository.git.inOrder(() => push(exchange, repository, pusher))
}

const ARCHIVED = 'This repository was archived so it is read-only.'

async function push(exchange: GitExchange, repository: Repository, pusher: Account): Promise<void> {
  const before = await repository.git.refs('refs/')
  await converse(exchange, repository, { end: false })
  const after = await repository.git.refs('refs/')
  for (const move of moves(before, after)) await refMoved(exchange.world, repository, { ...move, by: pusher })
  // Only now: whoever pushed finds pull requests where they belong as soon as git says that it is done.
  exchange.response.end()
}

function moves(before: GitRef[], after: GitRef[]): { ref: string; before: string | null; after: string | null }[] {
  const old = new Map(before.map(ref => [ref.ref, ref.sha]))
  const fresh = new Map(after.map(ref => [ref.ref, ref.sha]))
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .map(ref => ({ ref, before: old.get(ref) ?? null, after: fresh.get(ref) ?? null }))
    .filter(move => move.before !== move.after)
}

/** Connects the request with git's own server side. */
async function converse(
  { git, request, response }: GitExchange,
  repository: Repository,
  options: { end: boolean } = { end: true },
): Promise<void> {
  const protocol = request.headers['git-protocol']
  const version = typeof protocol === 'string' && /^version=[0-2]$/.test(protocol) ? protocol : ''
  const advertise = git.kind === 'advertise'
  const child = spawn(
    'git',
    [git.service, '--stateless-rpc', ...(advertise ? ['--advertise-refs'] : []), repository.git.dir],
    {
      env: { ...gitEnvironment(), ...(version === '' ? {} : { GIT_PROTOCOL: version }) },
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  )
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve())
  })
  response.on('close', () => child.kill())
  response.writeHead(200, {
    'content-type': `application/x-git-${git.service}-${advertise ? 'advertisement' : 'result'}`,
    'cache-control': 'no-cache, max-age=0, must-revalidate',
  })
  // Protocol 2 begins with its own capabilities; the older ones with the name of the service.
  if (advertise && version !== 'version=2') response.write(packetLine(`# service=git-${git.service}\n`) + '0000')
  child.stdin.on('error', () => undefined)
  if (advertise) child.stdin.end()
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request
  const sent = advertise ? Promise.resolve() : pipeline(body, child.stdin)
  // Either side may hang up first; git's end decides what happened, and the caller reads it from the refs.
  await Promise.all([
    ended,
    sent.catch(() => undefined),
    pipeline(child.stdout, response, options).catch(() => undefined),
  ])
}

const packetLine = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text

function askForToken({ response }: GitExchange): void {
  response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"', 'content-type': 'text/plain' })
  response.end('No anonymous write access.\n')
}

function refuse({ response }: GitExchange, status: number, words: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' })
  response.end(`${words}\n`)
}
