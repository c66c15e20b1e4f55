import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A registry on this machine, over https with a certificate of its own making. */
export interface Registry {
  /** As `setup.registries` names it. */
  host: string
  /** Paths that were asked for. */
  asked: string[]
  /** Paths whose answer never comes. */
  silent: Set<string>
  /** A shell command that writes what the registry has under that path; `host` asks for another one. */
  get(path: string, host?: string): string
  stop(): Promise<void>
}

export async function serveRegistry(): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'crew-registry-'))
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')]
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const asked: string[] = []
  const silent = new Set<string>()
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    asked.push(request.url ?? '')
    if (!silent.has(request.url ?? '')) response.end(`what ${request.url} holds\n`)
  })
  rmSync(folder, { recursive: true, force: true })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const host = `localhost:${port}`
  return {
    host,
    asked,
    silent,
    // The proxy is passed by for localhost, as people would want it, unless it is told not to.
    get: (path, at = host) => `curl --silent --show-error --fail --insecure --noproxy '' https://${at}${path}`,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
