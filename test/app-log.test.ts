import { expect, test } from '@jest/globals'
import { placeOf } from '../src/cli/place-of.js'
import { createLog } from '../src/log.js'
import { at } from '../src/whereabouts.js'

const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\n'

test.each([
  ['an installation token', 'ghs_0123456789abcdefghijABCDEFGHIJ'],
  ['a fine-grained token', 'github_pat_0123456789_abcdefghij'],
  ['a key for the model', 'sk-ant-api03-abcdefgh-ijkl'],
  ['a private key', key],
  ['the password of a database', 'postgres://crew:hunter2hunter2@db/crew'],
  ['the token in a clone address', 'https://x-access-token:v1.abcdef@github.com/octo/shop.git'],
  ['a JSON web token', `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}`],
  ['the webhook secret', 'with "quotes" and a\nline'],
])('%s is blanked out wherever it stands', (_, secret) => {
  const lines: string[] = []
  const log = createLog({
    level: 'info',
    pretty: false,
    secrets: ['with "quotes" and a\nline'],
    sink: { write: line => lines.push(line) },
  })
  log.info({ deep: { list: [secret] }, err: new Error(`It failed with ${secret}`) }, `Using ${secret} now`)
  const text = lines.join('')
  const telling =
    secret === key ? 'MIIEow' : (/hunter2|v1\.abcdef/.exec(secret)?.[0] ?? JSON.stringify(secret).slice(1, -1))
  expect(text).toContain('Using ')
  expect(text).not.toContain(telling)
  expect(() => JSON.parse(text) as unknown).not.toThrow()
})

test('a line for people has the time, the level, the words, the fields, and the error below', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', pretty: true, secrets: [], sink: { write: line => lines.push(line) } })
  log.debug('not shown')
  log.warn({ delivery: 'd-1', err: new Error('away') }, 'Could not store it')
  expect(lines.join('')).toMatch(/^\d\d:\d\d:\d\d WARN  Could not store it delivery=d-1\n    Error: away\n    +at /)
})

test('says of an agent’s lines which run, issue and task they belong to, however deep they are written', async () => {
  const repository = { id: 7, owner: 'acme', name: 'storefront', installationId: 1 }
  const lines: string[] = []
  const log = createLog({ level: 'info', pretty: false, secrets: [], sink: { write: line => lines.push(line) } })
  const placeOfAgent = (title: string) =>
    placeOf({
      workflow: 'agent-at-work.v1',
      id: 'agent:run:7:12:1:v1:task-2:1',
      input: { run: 'run:7:12:1', work: { title, worktree: { source: { repository } } } },
    })
  await at(placeOfAgent('task 2'), async () => {
    await Promise.resolve()
    log.info('deep within')
  })
  log.info('outside')
  expect(lines.map(line => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ msg: 'deep within', run: 'run:7:12:1', issue: 'acme/storefront#12', task: 2 }),
    { level: 30, time: expect.any(Number), msg: 'outside' },
  ])
  expect(placeOfAgent('plan')).toEqual({ run: 'run:7:12:1', issue: 'acme/storefront#12', task: 'plan' })
})
