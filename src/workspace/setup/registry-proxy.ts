import { lookup } from 'node:dns/promises'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RefusedHost } from '../../domain/setup.js'
import { isPublic } from './addresses.js'
import { serverNameOf } from './client-hello.js'

/** The way from setup's box to the registries, and to nothing else. */
export interface RegistryProxy {
  /** Whom it was asked for in vain, each once, the first twenty. */
  readonly refused: readonly RefusedHost[]
  /** Cuts every connection. */
  close(): Promise<void>
}

interface ProxyOptions {
  /** Path of the socket that it listens on. */
  socket: string
  /** Hosts that may be reached, with `:port` where it isn't 443. */
  registries: readonly string[]
  /** Those of them, without port, that may lie in a network of the operator's own. */
  privateRegistries: readonly string[]
}

/**
 * An HTTP proxy that knows CONNECT only. It looks names up itself and connects to the very addresses that it has checked;
 * and the TLS that goes through must ask for the host that was connected to: many hosts share one address, and who may
 * reach the one could else reach all of them. A CONNECT that leads nowhere is cut off without an answer: npm 10 waits for
 * ever when it gets one.
 */
export async function startRegistryProxy({
  socket,
  registries,
  privateRegistries,
}: ProxyOptions): Promise<RegistryProxy> {
  const named = new Set(registries.map(one => (one.includes(':') ? one : `${one}:443`)))
  const mayBePrivate = new Set(privateRegistries)
  const refused: RefusedHost[] = []
  const open = new Set<Duplex>()

  const refuse = (host: string, why: RefusedHost['why']): void => {
    if (refused.length < 20 && !refused.some(one => one.host === host && one.why === why)) refused.push({ host, why })
  }
  const server = createServer((request, response) => {
    refuse(printable(hostOf(request.url ?? '')), 'not-https')
    response
      .writeHead(403, { connection: 'close' })
      .end('Only https gets out of here, to the registries that are named.\n')
  })
  server.maxConnections = 256
  server.on('connection', (client: Socket) => kept(client))
  server.on('connect', ({ url = '' }, client, head) => {
    tunnel(url, client, head).catch(() => client.destroy())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve))

  return {
    refused,
    async close() {
      const closed = new Promise(resolve => server.close(resolve))
      for (const one of open) one.destroy()
      await closed
    },
  }

  async function tunnel(target: string, client: Duplex, head: Buffer): Promise<void> {
    if (!named.has(target)) {
      refuse(printable(target), 'not-named')
      return void client.destroy()
    }
    const host = target.slice(0, target.lastIndexOf(':'))
    const addresses = await lookup(host, { all: true }).catch(() => [])
    if (addresses.length === 0) {
      refuse(target, 'unreachable')
      return void client.destroy()
    }
    if (!mayBePrivate.has(host) && !addresses.every(({ address }) => isPublic(address))) {
      refuse(target, 'private')
      return void client.destroy()
    }
    const registry = connect({
      host,
      port: Number(target.slice(host.length + 1)),
      // Looked up once more, it could be another.
      lookup: (_host, { all }, found) =>
        all ? found(null, addresses) : found(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 0),
      autoSelectFamily: true,
    })
    let reached = false
    kept(registry)
    registry.once('connect', () => {
      reached = true
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      pass(client, registry, { host, head })
    })
    registry.once('error', () => {
      if (!reached) refuse(target, 'unreachable')
      client.destroy()
    })
  }

  /** Lets the bytes through once they have named whom they are for. */
  function pass(client: Duplex, registry: Socket, { host, head }: { host: string; head: Buffer }): void {
    let said = head
    const listen = (piece: Buffer): void => {
      said = Buffer.concat([said, piece])
      const asked = serverNameOf(said)
      if (asked === null) return
      client.off('data', listen)
      client.pause()
      if (asked.name?.toLowerCase() !== host) {
        if (asked.name === null) refuse(host, 'not-https')
        else refuse(printable(asked.name), 'not-named')
        client.destroy()
        registry.destroy()
        return
      }
      registry.write(said)
      client.pipe(registry).pipe(client)
    }
    client.on('data', listen)
    listen(Buffer.alloc(0))
  }

  function kept(stream: Duplex): void {
    open.add(stream)
    stream.once('close', () => open.delete(stream))
    stream.on('error', () => stream.destroy())
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)

/** A name that somebody else chose, for people. */
const printable = (name: string): string => name.replace(/[^\w.:[\]-]/g, '?').slice(0, 100)
