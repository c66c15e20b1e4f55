import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const check = fileURLToPath(new URL('canaries/check.mjs', import.meta.url))
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const secret = 'a canary: "with" 30 characters'

describe('the check over all that the suite wrote', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'canaries-test-'))
    await mkdir(join(directory, 'planted'))
    await mkdir(join(directory, 'written'))
    const planted = [
      { kind: 'the webhook secret', value: secret },
      { kind: 'the key', value: privateKey },
    ]
    await writeFile(join(directory, 'planted', 'one'), planted.map(one => `${JSON.stringify(one)}\n`).join(''))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  /** What the check says of a suite that wrote this. */
  async function verdict(written: string): Promise<{ failed: boolean; said: string }> {
    await writeFile(join(directory, 'written', 'log-1'), `some line\n${written}\nanother line\n`)
    return new Promise(resolve =>
      execFile(process.execPath, [check, directory], { env: {} }, (error, stdout, stderr) =>
        resolve({ failed: error !== null, said: stdout + stderr }),
      ),
    )
  }

  test.each<[string, string]>([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ deep: secret })],
    ['in an address', `?q=${encodeURIComponent(secret)}`],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ['in base64', Buffer.from(`token ${secret}`).toString('base64')],
    ['in base64', Buffer.from(`a ${secret} b`).toString('base64url')],
  ])('fails for a secret %s, and does not say it', async (form, written) => {
    const { failed, said } = await verdict(written)
    expect(failed).toBe(true)
    expect(said).toContain(`the webhook secret, ${form}, in written/log-1 at byte `)
    expect(said).not.toContain(secret)
  })

  test.each([
    ['whole', privateKey],
    ['by one line', privateKey.split('\n')[9] ?? ''],
    ['without line breaks', privateKey.replaceAll('\n', '')],
    ['in base64', Buffer.from(privateKey).toString('base64')],
  ])('fails for a key %s', async (_, written) => {
    const { failed, said } = await verdict(written)
    expect(said).toContain('the key, ')
    expect(failed).toBe(true)
  })

  test('passes where there is none, and says how much it looked at', async () => {
    const { failed, said } = await verdict('nothing')
    expect(said).toMatch(/^2 canaries were looked for in the 0\.0 MB .*: none was found\.$/m)
    expect(failed).toBe(false)
  })
})

test('what the App asks of a server is written down for it, but not its credentials, nor what people ask', async () => {
  const server = createServer((request, response) => request.resume().on('end', () => response.end('{}')))
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const mark = `mark-${process.pid}-`
  const ask = (name: string, authorization: string) =>
    fetch(`${url}/${mark}${name}`, { method: 'POST', body: `${mark}body-of-${name}`, headers: { authorization } })
  await ask('app', `bearer ${mark}credential`)
  await ask('person', `token ghp_${'0123456789'.repeat(4)}`)
  await new Promise(done => server.close(done))
  server.closeAllConnections()

  const directory = join(process.env['CREW_CANARIES'] ?? '', 'written')
  const own = (await readdir(directory)).filter(name => name.startsWith('requests-'))
  const written = (await Promise.all(own.map(name => readFile(join(directory, name), 'utf8')))).join('')
  expect(written).toContain(`${mark}body-of-app`)
  expect(written).toContain(`POST /${mark}app `)
  expect(written).not.toContain(`${mark}credential`)
  expect(written).not.toContain(`${mark}person`)
})
