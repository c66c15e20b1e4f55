import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { addedSecrets } from '../src/domain/added-secrets.js'
import { findWithheld, withheld } from '../src/domain/secret.js'
import { ownSecrets } from '../src/secrets/own-secrets.js'
import { createSecretFilter, redactDeep } from '../src/secrets/secret-filter.js'

const { privateKey: pem } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const key = createPrivateKey(pem)
const pkcs1 = key.export({ type: 'pkcs1', format: 'pem' }).toString()
const webhookSecret = createHash('sha256').update('a webhook secret').digest('hex')
const password = 'p@ss/w0rd-of+crew'
const token = 'v1.1f699f1069f60xxyz4e2b8c0d1a3'
const filter = createSecretFilter([
  ...ownSecrets(
    {
      privateKey: pem,
      webhookSecret,
      modelKey: 'sk-practice-0123456789-abcdefghij-KLMNOPQRST',
      databaseUrl: `postgres://crew:${encodeURIComponent(password)}@db.internal/crew`,
    },
    { PATH: '/usr/bin:/bin', DEPLOY_TOKEN: 'correct horse battery', REDIS_URL: 'redis://:hunter2hunter2@cache/0' },
  ),
])
filter.learn({ kind: 'an installation token', value: token })

const body = pkcs1.split('\n').slice(1, -2)
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('a secret of the App', () => {
  test.each<[string, string, string]>([
    ['the key as it is', pem, body[4] ?? ''],
    ['in the other standard', pkcs1, body[4] ?? ''],
    ['without line breaks', body.join(''), body[4] ?? ''],
    ['as JSON', JSON.stringify({ pem }), body[4] ?? ''],
    ['with \\n written out', pem.replaceAll('\n', '\\n'), body[4] ?? ''],
    ['in base64', base64(pem), base64(pem).slice(300, 340)],
    ['in base64, behind something else', base64(`key=${pkcs1}`), base64(`key=${pkcs1}`).slice(400, 440)],
    ['in an address', encodeURIComponent(pem), encodeURIComponent(pem).slice(600, 620)],
    ['one line of the key', `const part = "${body[6]}"`, body[6] ?? ''],
    ['half a line of the key', `const part = "${body[6]?.slice(20, 48)}"`, body[6]?.slice(22, 46) ?? ''],
    ['the key joined in code', body.map(line => `"${line}" +`).join('\n'), body[9] ?? ''],
    [
      'a number of the key as a JWK has it',
      JSON.stringify(key.export({ format: 'jwk' })),
      String(key.export({ format: 'jwk' }).d).slice(9, 60),
    ],
    ['the key in hexadecimal', key.export({ type: 'pkcs1', format: 'der' }).toString('hex'), 'nothing'],
    ['the webhook secret', `secret ${webhookSecret}.`, webhookSecret],
    ['in capitals', webhookSecret.toUpperCase(), webhookSecret.toUpperCase()],
    ['in two strings', `"${webhookSecret.slice(0, 30)}" + "${webhookSecret.slice(30)}"`, webhookSecret.slice(0, 30)],
    ['over two lines', `${webhookSecret.slice(0, 25)}\n  ${webhookSecret.slice(25)}`, webhookSecret.slice(25)],
    ['half of it', webhookSecret.slice(32), webhookSecret.slice(32)],
    [
      'in base64url',
      Buffer.from(webhookSecret).toString('base64url'),
      Buffer.from(webhookSecret).toString('base64url'),
    ],
    ['in hexadecimal', Buffer.from(webhookSecret).toString('hex'), Buffer.from(webhookSecret).toString('hex')],
    ['the password of the database', `login with ${password}`, password],
    [
      'as its address has it',
      `postgres://crew:${encodeURIComponent(password)}@db.internal/crew`,
      encodeURIComponent(password),
    ],
    ['in JSON', JSON.stringify({ password }), password],
    ['in base64', base64(`crew:${password}`), base64(`crew:${password}`).slice(8, 24)],
    ['an installation token', `Authorization: token ${token}`, token],
    ['a setting with a telling name', 'it says “correct horse battery”', 'correct horse battery'],
    ['a password in another setting', 'hunter2hunter2', 'hunter2hunter2'],
  ])('is withheld: %s', (_, text, telling) => {
    // No letters around it: one of them might happen to be the key's next.
    const clean = filter.redact(`« ${text} »`)
    expect(clean).not.toContain(telling)
    expect(clean).toMatch(/^« .*‹withheld: .*› *.*»$/s)
    expect(clean.split('\n')).toHaveLength(text.split('\n').length)
    expect(filter.redact(clean)).toBe(clean)
  })

  test('leaves no piece of itself between escapes, whatever they are', () => {
    const hex = (sign: string, width: number): string => sign.charCodeAt(0).toString(16).padStart(width, '0')
    const escapes: ((sign: string) => string)[] = [
      sign => `%${hex(sign, 2)}`,
      sign => `%${hex(sign, 2).toUpperCase()}`,
      sign => `%2525${hex(sign, 2)}`,
      sign => `\\u${hex(sign, 4)}`,
      sign => `\\\\x${hex(sign, 2)}`,
      sign => `&#x${hex(sign, 2)};`,
      sign => `&#${sign.charCodeAt(0)};`,
    ]
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 40, maxLength: 90 }),
        fc.constantFrom(...escapes),
        fc.constantFrom(3, 5, 9, 40),
        (bytes, escape, every) => {
          const value = Buffer.from(bytes).toString('base64')
          fc.pre(new Set(value).size > 12)
          const one = createSecretFilter([{ kind: 'key', value }])
          // Signs always, and every so many letters.
          const text = [...value]
            .map((sign, at) => (/[+/=]/.test(sign) || at % every === 0 ? escape(sign) : sign))
            .join('')
          const clean = one.redact(`see ${text} there`)
          // Signs before its first letter and after its last tell nothing, nor does half an escape.
          const left = ['+', '/', '='].reduce((rest, sign) => rest.replaceAll(escape(sign), ''), clean)
          expect(left).toMatch(/^see \S{0,8}‹withheld: key›\S{0,8} there$/)
        },
      ),
    )
  })

  test('leaves no long piece of itself, however it is cut and joined', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 24, max: 64 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom('\n', '" + "', ' ', '\u200b', '…\n> '),
        fc.nat({ max: 2000 }),
        (lengths, joint, start) => {
          const secret = pkcs1.split('\n').slice(1, -2).join('').slice(30)
          let at = start % (secret.length - 600)
          const parts = lengths.map(length => secret.slice(at, (at += length)))
          const clean = filter.redact(`x${parts.join(joint)}x`)
          for (const part of parts) expect(clean.includes(part)).toBe(false)
        },
      ),
    )
  })

  test('that is a word of every second text is none', () => {
    const weak = createSecretFilter(
      ownSecrets({
        privateKey: '',
        webhookSecret: '',
        modelKey: 'scripted',
        databaseUrl: 'postgres://postgres:postgres@db/x',
      }),
    )
    const text = 'The scripted model of postgres talks to postgres'
    expect(weak.redact(text)).toBe(text)
  })
})

/** Put together here, so that no scanner takes this file for one that holds secrets. */
const shaped = {
  'GitHub token': `ghp_${'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO2sINUx'}`,
  'AWS access key': `AKIA${'QYLPMN5HHHFPZ3LA'}`,
  'AWS secret key': `AWS_SECRET_ACCESS_KEY=${'m3ZkQ7r9TtYp1LwEx8'}${'BvN5sHc2JdGf4KaUoXi0Rq'}`,
  'Slack token': `xoxb-${'1234567890'}-${'abcdefghijklmnop'}`,
  'Anthropic key': `sk-ant-${'api03'}-${'Zk3jQ9wErTy7UiOp'.repeat(3)}`,
  'npm token': `npm_${'a8Kd03jfLq92Mz7Xc5Vb1Nn4Gh6Ty8Re0WqA'}`,
  'JSON web token': `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from('{"sub":"grace"}').toString('base64url')}.${'Zk3jQ9wErTy7UiOpAs5dFgHj'}`,
  'private key': pkcs1
    .replaceAll(/[A-Za-z0-9+/]{60,}/g, line => [...line].reverse().join(''))
    .replace(/(KEY-----\n)../, '$1MI'),
  'password of a database': `postgres://crew:${'x9Kd03jfLq'}@db.corp.net/crew`,
  'password in an address': `https://crew:${'x9Kd03jfLq'}@git.corp.net/shop.git`,
}

describe('what has the look of a token', () => {
  const plain = createSecretFilter()

  test.each(Object.entries(shaped))('is withheld: %s', (kind, secret) => {
    const clean = plain.redact(`const it = "${secret}"`)
    expect(clean).toContain(withheld(kind))
    expect(clean).not.toContain(secret.slice(-30, -14))
    expect(clean.endsWith('"')).toBe(true)
  })

  test('no comment for a scanner lets it pass', () => {
    const text = `// secretlint-disable\nconst token = "${shaped['GitHub token']}" // secretlint-disable-line`
    expect(plain.find(text)).toHaveLength(1)
  })

  test.each([
    'AKIAIOSFODNN7EXAMPLE',
    'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    `ghp_${'x'.repeat(36)}`,
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c',
    'postgres://postgres:postgres@db:5432/app',
    'postgres://app:app@localhost:5432/app',
    'DATABASE_URL=postgres://${DB_USER}:${DB_PASSWORD}@db.corp.net/app',
    'https://user:password@example.com/',
    'SECRET_KEY = "django-insecure-change-me"',
    '-----BEGIN RSA PRIVATE KEY-----',
    'if (text.includes("-----BEGIN PRIVATE KEY-----")) return text.split("-----END PRIVATE KEY-----")',
    'integrity sha512-831qok9r2t8AlxLko40y2ebgSDhenenCatLVeW/uBtnHPyhHOvG0C7TvfgecV+wHzIm5KUICgzmVpWS+IMEAeg==',
    '7a563b2f1d3c4e5a6b7c8d9e0f1a2b3c4d5e6f70',
    'account_id: 1234-5678-9012',
  ])('does not stop what documentation and compose files have: %s', text => expect(plain.redact(text)).toBe(text))

  test('is told when it comes back', () => {
    expect(findWithheld(JSON.stringify({ content: `a = "${withheld('GitHub token')}"` }))).toBe(
      withheld('GitHub token'),
    )
    expect(findWithheld('nothing here')).toBeNull()
  })

  test('any text keeps its lines, and a second time changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...Object.values(shaped), pem, webhookSecret))),
        parts => {
          const text = parts.join('\n')
          const clean = filter.redact(text)
          expect(clean.split('\n')).toHaveLength(text.split('\n').length)
          expect(filter.redact(clean)).toBe(clean)
        },
      ),
    )
  })

  test('a value without a secret comes back itself', () => {
    const value = { list: ['a', { deep: 1, none: null }], text: 'b' }
    expect(redactDeep(value, filter)).toBe(value)
    expect(redactDeep({ ...value, text: webhookSecret }, filter)).toEqual({
      ...value,
      text: withheld('the webhook secret'),
    })
  })
})

describe('a change', () => {
  const file = (path: string, text: string) => ({ path, text, binary: false })
  const found = (changes: { path: string; text: string; binary: boolean }[], before: string[] = []) =>
    addedSecrets(changes, filter, () => Promise.resolve(before))

  test('that adds a secret is told by path, line and kind', async () => {
    const text = `import os\n\nTOKEN = "${shaped['GitHub token']}"\n`
    expect(await found([file('app/config.py', text), file('app/views.py', 'pass\n')])).toEqual([
      { path: 'app/config.py', line: 3, kind: 'GitHub token' },
    ])
  })

  test('around a secret that is there already adds none, also where its file is renamed', async () => {
    const text = `TOKEN = "${shaped['GitHub token']}"\n`
    expect(await found([file('config.py', `import os\n${text}`)], [text])).toEqual([])
    expect(await found([file('settings.py', text)], [`# was here\n${text}`])).toEqual([])
  })

  test('is told when it brings a second one', async () => {
    const text = `TOKEN = "${shaped['GitHub token']}"\n`
    expect(await found([file('config.py', `${text}KEY = "${shaped['AWS access key']}"\n`)], [text])).toEqual([
      { path: 'config.py', line: 2, kind: 'AWS access key' },
    ])
  })

  test('may not name a path after one, and what is no text may not hold one of the App’s', async () => {
    expect(await found([file(`docs/${shaped['GitHub token']}.md`, 'x')])).toEqual([
      { path: `docs/${withheld('GitHub token')}.md`, line: null, kind: 'GitHub token' },
    ])
    expect(await found([{ path: 'logo.png', text: `\u0000\u0001${webhookSecret}`, binary: true }])).toEqual([
      { path: 'logo.png', line: null, kind: 'the webhook secret' },
    ])
    expect(await found([{ path: 'logo.png', text: `\u0000${shaped['GitHub token']}`, binary: true }])).toEqual([])
  })

  test('may not write down the words that stand for a secret', async () => {
    expect(await found([file('config.py', `\nTOKEN = "${withheld('GitHub token')}"\n`)])).toMatchObject([
      { path: 'config.py', line: 2 },
    ])
  })
})
