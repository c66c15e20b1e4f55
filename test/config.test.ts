import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, describe, expect, test } from '@jest/globals'
import { loadDotEnv, needsSetUp, readConfig, readServerConfig } from '../src/config.js'
import { describeSettings } from '../src/settings.js'
import { usualLimits } from '../src/domain/limits.js'
import { usualSetup } from '../src/domain/setup.js'
import { writeEnvFile } from '../src/env-file.js'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pkcs1 = rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const pkcs8 = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const folder = mkdtempSync(join(tmpdir(), 'crew-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const complete = {
  APP_ID: '42',
  PRIVATE_KEY: pkcs1,
  WEBHOOK_SECRET: 'sixteen characters',
  ANTHROPIC_API_KEY: 'sk-ant-test',
}

test('what is required is enough, and everything else has a default', () => {
  expect(readConfig(complete)).toEqual({
    ok: true,
    config: {
      app: { id: 42, privateKey: pkcs8, webhookSecret: 'sixteen characters' },
      github: { baseUrl: 'https://api.github.com', writeSpacingMs: 1000 },
      model: { apiKey: 'sk-ant-test', baseUrl: undefined },
      databaseUrl: undefined,
      crewLabel: 'crew',
      limits: usualLimits,
      home: resolve('.crew'),
      sandbox: 'bwrap',
      setup: usualSetup,
      disk: { bytes: 20 * 1024 ** 3, days: 90 },
      keepDays: 90,
      stopSeconds: 15,
      reconcileMinutes: 10,
      server: {
        host: '127.0.0.1',
        port: 3000,
        webhookProxyUrl: undefined,
        log: { level: 'info', pretty: Boolean(process.stdout.isTTY) },
      },
    },
  })
})

test('a GitHub Enterprise server is reached under its own address', () => {
  const read = readConfig({ ...complete, GHE_HOST: 'github.example.com' })
  expect(read).toMatchObject({ config: { github: { baseUrl: 'https://github.example.com/api/v3' } } })
  const local = readConfig({ ...complete, GHE_HOST: '127.0.0.1:3999', GHE_PROTOCOL: 'http' })
  expect(local).toMatchObject({ config: { github: { baseUrl: 'http://127.0.0.1:3999/api/v3' } } })
})

test('a database on a socket or on a host is taken', () => {
  const socket = 'postgresql:///crew?host=/var/run/postgresql'
  expect(readConfig({ ...complete, DATABASE_URL: socket })).toMatchObject({ config: { databaseUrl: socket } })
  const host = 'postgres://crew:secret@db.example.com:5432/crew'
  expect(readConfig({ ...complete, DATABASE_URL: host })).toMatchObject({ config: { databaseUrl: host } })
})

test('budgets are amounts of US dollars, and each limit can be set', () => {
  const set = { BUDGET_USD_PER_DAY_REPOSITORY: '7.50', RUNS_AT_ONCE_INSTALLATION: '3', PLANS_PER_HOUR: '4' }
  expect(readConfig({ ...complete, ...set })).toMatchObject({
    config: {
      limits: {
        usdPerDay: { repository: 7.5, installation: 200 },
        runsAtOnce: { repository: 4, installation: 3 },
        plansPerHour: 4,
      },
    },
  })
  for (const wrong of ['0', '-1', '$5', 'Infinity', '1e9', '100001'])
    expect(problemsOf({ ...complete, BUDGET_USD_PER_DAY_INSTALLATION: wrong })).toEqual([
      `BUDGET_USD_PER_DAY_INSTALLATION, found “${wrong}”, is not an amount of US dollars above 0 and up to 100000.`,
    ])
})

test('all problems are told at once', () => {
  expect(problemsOf({ PORT: '70000', GHE_HOST: 'https://github.example.com/' })).toMatchInlineSnapshot(`
[
  "APP_ID is missing; copy the App ID from the settings page of the App.",
  "WEBHOOK_SECRET is missing; without it anybody could send events. Make one with \`openssl rand -hex 32\`, and put the same into the App's settings at “Webhook secret”.",
  "ANTHROPIC_API_KEY is missing; make a key at https://platform.claude.com/settings/keys.",
  "PORT, found “70000”, is not a whole number from 0 to 65535.",
  "GHE_HOST, found “https://github.example.com/”, is not a host name; e.g. github.example.com, without https:// and path.",
  "PRIVATE_KEY_PATH (or PRIVATE_KEY) is missing. Generate one on the settings page of the App, at “Private keys”, and use the .pem file as it is.",
]
`)
})

test.each([
  ['APP_ID', 'Iv1.abc', 'APP_ID, found “Iv1.abc”, is not a whole number from 1'],
  ['APP_ID', '0', 'is not a whole number from 1'],
  ['WEBHOOK_SECRET', '', 'WEBHOOK_SECRET is missing'],
  ['WEBHOOK_SECRET', 'development', 'WEBHOOK_SECRET is the well-known word “development”. Make one with'],
  ['WEBHOOK_SECRET', 'fifteen letters', 'WEBHOOK_SECRET is shorter than 16 characters. Make one with'],
  [
    'ANTHROPIC_BASE_URL',
    'api.anthropic.com',
    'ANTHROPIC_BASE_URL, found “api.anthropic.com”, is not an http(s) address',
  ],
  ['DATABASE_URL', 'mysql://root:hush@localhost/crew', 'DATABASE_URL is not the address of a Postgres database'],
  ['CREW_LABEL', 'c'.repeat(51), 'is longer than the 50 characters of a GitHub label'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL, found “loud”, is none of trace, debug, info'],
  ['GHE_PROTOCOL', 'ftp', 'is neither https nor http'],
  ['HOST', 'http://localhost', 'HOST, found “http://localhost”, is not a host name or an address'],
  ['WEBHOOK_PROXY_URL', 'smee', 'WEBHOOK_PROXY_URL, found “smee”, is not an http(s) address'],
  ['STOP_SECONDS', 'soon', 'STOP_SECONDS, found “soon”, is not a whole number from 0 to 3600'],
  ['DISK_GB', '0', 'DISK_GB, found “0”, is not a whole number from 1 to 100000'],
  ['KEEP_DAYS', '3', 'KEEP_DAYS, found “3”, is not a whole number from 7 to 3650'],
  ['GITHUB_WRITE_SPACING_MS', '-1', 'is not a whole number from 0 to 60000'],
])('%s “%s” is refused with what is allowed', (name, value, words) => {
  const problems = problemsOf({ ...complete, [name]: value })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(words)
})

test('a problem with a secret never shows it', () => {
  const secrets = {
    WEBHOOK_SECRET: 'hush-hush',
    PRIVATE_KEY: `${pkcs1.slice(0, 200)}`,
    DATABASE_URL: 'mysql://u:hush@h/d',
  }
  const text = problemsOf({ ...complete, ...secrets }).join('\n')
  expect(text).not.toContain('hush')
  expect(text).not.toContain(pkcs1.slice(40, 80))
})

describe('the private key', () => {
  test.each([
    ['as it was downloaded', pkcs1],
    ['in the other form of PEM', pkcs8],
    ['with \\n instead of line breaks', pkcs1.replaceAll('\n', '\\n')],
    ['on one line, with spaces', pkcs1.trim().replaceAll('\n', ' ')],
    ['in base64', Buffer.from(pkcs1).toString('base64')],
  ])('is taken %s', (_, key) => {
    expect(readConfig({ ...complete, PRIVATE_KEY: key })).toMatchObject({
      ok: true,
      config: { app: { privateKey: pkcs8 } },
    })
  })

  test('is read from the file that PRIVATE_KEY_PATH names', () => {
    const path = join(folder, 'key.pem')
    writeFileSync(path, pkcs1)
    const read = readConfig({ ...complete, PRIVATE_KEY: '', PRIVATE_KEY_PATH: path })
    expect(read).toMatchObject({ ok: true, config: { app: { privateKey: pkcs8 } } })
  })

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const locked = rsa.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  test.each([
    [
      'a public key',
      rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      'it is the public half of a key',
    ],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', 'it is a certificate'],
    ['an SSH key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----', 'it is an SSH key'],
    ['a key of another kind', String(ec), 'it is a key of the kind ec, and GitHub’s are RSA'],
    ['a short key', short.export({ type: 'pkcs8', format: 'pem' }).toString(), 'it is an RSA key of 1024 bits'],
    ['a key with a passphrase', String(locked), 'it is protected by a passphrase'],
    ['only its first line', pkcs1.split('\n')[0] ?? '', 'it is cut off'],
    [
      'a key cut in the middle',
      pkcs1
        .split('\n')
        .filter((_, at) => at !== 5)
        .join('\n'),
      'its content is damaged',
    ],
    ['something else', 'hello', 'it is not a PEM text'],
  ])('is refused when it is %s, by name', (_, key, words) => {
    const problems = problemsOf({ ...complete, PRIVATE_KEY: key })
    expect(problems).toHaveLength(1)
    expect(problems[0]?.replaceAll("'", '’')).toContain(`PRIVATE_KEY: ${words}`)
  })

  test('is refused when the file is not there, and when it is given twice', () => {
    const path = join(folder, 'none.pem')
    expect(problemsOf({ ...complete, PRIVATE_KEY: '', PRIVATE_KEY_PATH: path })[0]).toContain(
      `PRIVATE_KEY_PATH: the file ${path} can't be used: there is no such file.`,
    )
    expect(problemsOf({ ...complete, PRIVATE_KEY_PATH: path })[0]).toContain('are both set')
  })
})

test('the set-up is needed only while nobody has said which App this is', () => {
  expect(needsSetUp({})).toBe(true)
  expect(needsSetUp({ APP_ID: '', PRIVATE_KEY: ' ' })).toBe(true)
  expect(needsSetUp({ APP_ID: '42' })).toBe(false)
  expect(needsSetUp({ PRIVATE_KEY_PATH: 'key.pem' })).toBe(false)
  expect(readServerConfig({ PORT: '8080' })).toMatchObject({ ok: true, config: { port: 8080 } })
})

describe('the .env file', () => {
  test('adds to the environment and never overrules it', () => {
    const path = join(folder, 'one.env')
    writeFileSync(path, 'CREW_TEST_A=from file\nCREW_TEST_B="two\\nlines"\n')
    process.env['CREW_TEST_A'] = 'from outside'
    try {
      expect(loadDotEnv(path)).toBeNull()
      expect(process.env['CREW_TEST_A']).toBe('from outside')
      expect(process.env['CREW_TEST_B']).toBe('two\nlines')
    } finally {
      delete process.env['CREW_TEST_A']
      delete process.env['CREW_TEST_B']
    }
  })

  test('need not be there, and is named when it can’t be read', () => {
    expect(loadDotEnv(join(folder, 'none.env'))).toBeNull()
    expect(loadDotEnv(folder)).toContain(`${folder} can't be read`)
  })

  test('keeps comments and other lines when the set-up writes into it, and is for its owner only', () => {
    const path = join(folder, 'two.env')
    writeFileSync(path, '# mine\nAPP_ID=\nPORT=4000 # here', { mode: 0o644 })
    writeEnvFile(path, { APP_ID: '42', PRIVATE_KEY: pkcs1.trim(), WEBHOOK_SECRET: 'with # and spaces' })
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(/^# mine\nAPP_ID=42\nPORT=4000 # here\nPRIVATE_KEY=/)
    expect(parseEnv(text)).toEqual({
      APP_ID: '42',
      PORT: '4000',
      PRIVATE_KEY: pkcs1.trim(),
      WEBHOOK_SECRET: 'with # and spaces',
    })
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('has an example that names every setting, with its description and default', () => {
    const [head, ...sections] = readFileSync('.env.example', 'utf8').trimEnd().split('\n\n')
    expect(head).toMatch(/^# Copy this file to \.env/)
    const expected = describeSettings().map(setting => {
      const filledIn = setting.required || setting.name === 'PRIVATE_KEY_PATH'
      return `# ${setting.description}\n${filledIn ? '' : '# '}${setting.name}=${setting.default ?? ''}`
    })
    expect(sections).toEqual(expected)
  })
})

function problemsOf(env: Record<string, string>): string[] {
  const read = readConfig(env)
  return read.ok ? [] : read.problems
}

test('running commands without a sandbox takes a second setting that says what it means', () => {
  const unsure = readConfig({ ...complete, SANDBOX: 'none', SANDBOX_NONE_ACCEPTED: 'yes' })
  expect(unsure).toEqual({ ok: false, problems: [expect.stringMatching(/^SANDBOX=none lets anybody whose text/)] })
  expect(readConfig({ ...complete, SANDBOX: 'none' })).toEqual(unsure)
  const accepted = { SANDBOX_NONE_ACCEPTED: 'agents may do here whatever my user may do' }
  expect(readConfig({ ...complete, SANDBOX: 'none', ...accepted })).toMatchObject({ config: { sandbox: 'none' } })
  expect(readConfig({ ...complete, ...accepted })).toMatchObject({ config: { sandbox: 'bwrap' } })
  expect(readConfig({ ...complete, SANDBOX: 'chroot' })).toMatchObject({
    problems: ['SANDBOX, found “chroot”, is none of bwrap, docker, none.'],
  })
})

test('what setups may do is for whoever runs the App to say', () => {
  const given = { ...complete, SETUP_MINUTES: '0', SETUP_PRIVATE_REGISTRIES: 'nexus.example.com, pypi.lan' }
  expect(readConfig(given)).toMatchObject({
    config: { setup: { minutes: 0, privateRegistries: ['nexus.example.com', 'pypi.lan'] } },
  })
  expect(problemsOf({ ...complete, SETUP_MINUTES: '600' })).toEqual([
    'SETUP_MINUTES, found “600”, is not a whole number from 0 to 120.',
  ])
  expect(problemsOf({ ...complete, SETUP_PRIVATE_REGISTRIES: 'https://nexus' })).toEqual([
    'SETUP_PRIVATE_REGISTRIES, found “https://nexus”, is not a list of host names, as nexus.example.com,pypi.lan.',
  ])
})
