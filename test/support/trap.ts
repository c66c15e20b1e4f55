import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A server that nobody has any business with. */
export interface Trap {
  url: string
  /** Connections that came in. */
  caught(): number
  close(): Promise<void>
}

export async function setTrap(): Promise<Trap> {
  let caught = 0
  const server = createServer(socket => {
    caught++
    socket.on('error', () => undefined)
    socket.destroy()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caught: () => caught,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

/** The same payload with every address in it, under whatever key, leading into the trap. */
export function baited(payload: unknown, trap: Trap): unknown {
  if (Array.isArray(payload)) return payload.map(one => baited(one, trap))
  if (typeof payload === 'object' && payload !== null)
    return Object.fromEntries(
      Object.entries(payload).map(([key, value]) => [
        key,
        typeof value !== 'object' && /url$|^(href|html|homepage|avatar)/.test(key)
          ? `${trap.url}/${key}`
          : baited(value, trap),
      ]),
    )
  return typeof payload === 'string' && /^(https?|git|ssh):|^git@/.test(payload) ? `${trap.url}/text` : payload
}
