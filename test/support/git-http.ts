import { execFileSync, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createGunzip } from 'node:zlib'

/** A repository that only this test knows, served over smart HTTP through git's own http-backend. */
export interface GitServer {
  url: string
  /** The directory that holds it. */
  root: string
  /** Requests so far; `bytes` is what a fetch was sent. */
  requests: { method: string; path: string; status: number; bytes: number }[]
  /** Called while a request waits for its answer. */
  onRequest: () => Promise<void>
  /** Set it to cut the connection in the middle of every larger answer. */
  cutAnswers: boolean
  /** Commits files on a branch (main) and returns the commit. A value of null removes the file. */
  commit(files: Record<string, string | null>, branch?: string): Promise<string>
  /** Git in the working copy that the commits are made in. */
  git(...args: string[]): string
  stop(): Promise<void>
}

/** Starts with one commit of `files` on main. With a token, requests without it are turned away. */
export async function serveGit({
  files,
  token = null,
}: {
  files: Record<string, string>
  token?: string | null
}): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), 'crew-git-http-'))
  const work = join(root, 'work')
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: work,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_GLOBAL: '/dev/null' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  await mkdir(work)
  git('init', '--quiet', '-b', 'main')
  // Contents are committed as they are given, whatever attributes a test puts beside them.
  await mkdir(join(work, '.git/info'), { recursive: true })
  await writeFile(join(work, '.git/info/attributes'), '* -text -ident -filter !working-tree-encoding\n')
  git('init', '--quiet', '--bare', '-b', 'main', '../shop.git')
  const expected = token === null ? null : `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
  const served: GitServer = {
    url: '',
    root,
    requests: [],
    onRequest: () => Promise.resolve(),
    cutAnswers: false,
    git,
    async commit(changes, branch = 'main') {
      if (git('branch', '--show-current') !== branch) git('checkout', '--quiet', '-B', branch)
      for (const [path, text] of Object.entries(changes)) {
        const full = join(work, path)
        await mkdir(dirname(full), { recursive: true })
        await (text === null ? rm(full) : writeFile(full, text))
      }
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '-m', 'change')
      git('push', '--quiet', '--force', '../shop.git', branch)
      return git('rev-parse', 'HEAD')
    },
    stop: () => Promise.resolve(),
  }
  await served.commit(files)
  const server = createServer((request, response) => void answer(request, response))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await served.onRequest()
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    const entry = { method: request.method ?? '', path: pathname, status: 200, bytes: 0 }
    served.requests.push(entry)
    if (expected !== null && request.headers.authorization !== expected) {
      entry.status = 401
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('no')
      return
    }
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_COUNT: '3',
        GIT_CONFIG_KEY_0: 'uploadpack.allowFilter',
        GIT_CONFIG_VALUE_0: 'true',
        GIT_CONFIG_KEY_1: 'uploadpack.allowAnySHA1InWant',
        GIT_CONFIG_VALUE_1: 'true',
        GIT_CONFIG_KEY_2: 'safe.directory',
        GIT_CONFIG_VALUE_2: '*',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_ADDR: '127.0.0.1',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    backend.stdin.on('error', () => undefined)
    if (request.headers['content-encoding'] === 'gzip') request.pipe(createGunzip()).pipe(backend.stdin)
    else request.pipe(backend.stdin)
    let head = Buffer.alloc(0)
    let begun = false
    backend.stdout.on('data', (piece: Buffer) => {
      if (!begun) {
        head = Buffer.concat([head, piece])
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        begun = true
        const headers = head.toString('latin1', 0, end).split('\r\n')
        for (const line of headers) {
          const [name = '', value = ''] = line.split(/: (.*)/s)
          if (name === 'Status') entry.status = Number(value.slice(0, 3))
          else response.setHeader(name, value)
        }
        response.writeHead(entry.status)
        piece = head.subarray(end + 4)
      }
      entry.bytes += piece.length
      if (served.cutAnswers && request.method === 'POST' && entry.bytes > 2000) {
        response.write(piece.subarray(0, piece.length >> 1), () => response.destroy())
        backend.kill()
        return
      }
      response.write(piece)
    })
    backend.on('close', () => response.end())
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  served.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/shop.git`
  served.stop = async () => {
    server.close()
    server.closeAllConnections()
    await rm(root, { recursive: true, force: true })
  }
  return served
}
