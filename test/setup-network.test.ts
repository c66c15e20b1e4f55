import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { isPublic } from '../src/workspace/setup/addresses.js'
import { serverNameOf } from '../src/workspace/setup/client-hello.js'

describe('an address', () => {
  test.each(['1.1.1.1', '104.16.0.35', '172.15.0.1', '172.32.0.1', '2606:4700::6810:23', '2a04:4e42::223'])(
    '%s is on the internet',
    address => expect(isPublic(address)).toBe(true),
  )
  test.each([
    ...[
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '127.1.2.3',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
    ],
    ...[
      '192.168.1.1',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
    ],
    ...['::127.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'ff02::1'],
  ])('%s is not', address => expect(isPublic(address)).toBe(false))
})

describe('what TLS asks for first', () => {
  test('names the host, however it is cut into pieces', async () => {
    const hello = await helloFor('packages.example.org')
    expect(serverNameOf(hello)).toEqual({ name: 'packages.example.org' })
    for (let length = 0; length < hello.length; length++) expect(serverNameOf(hello.subarray(0, length))).toBeNull()
  })

  test('without a name, or being no TLS at all, it names nobody', async () => {
    expect(serverNameOf(await helloFor(''))).toEqual({ name: null })
    expect(serverNameOf(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toEqual({ name: null })
    expect(serverNameOf(Buffer.from('SSH-2.0-x\r\n'))).toEqual({ name: null })
  })

  test('is read without fault, whatever it holds', async () => {
    const hello = await helloFor('packages.example.org')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(hello.length - 1), fc.nat(255), (bytes, at, byte) => {
        const random = Buffer.from([22, 3, 1, bytes.length >> 8, bytes.length & 255, ...bytes])
        expect(serverNameOf(random)).not.toBeNull()
        const changed = Buffer.from(hello)
        changed[at] = byte
        serverNameOf(changed)
      }),
    )
  })
})

/** The first bytes that node's own TLS sends. */
async function helloFor(servername: string): Promise<Buffer> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const client = connect({ port, host: '127.0.0.1', servername }).on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [hello] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  socket.destroy()
  server.close()
  return hello
}
