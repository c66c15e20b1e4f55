import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = dirname(dirname(fileURLToPath(import.meta.url)))

/** A project of one file per part, in which every arrow points the right way. */
const rightWay = {
  'src/domain/plan.ts': "import { z } from 'zod'\nexport const plan = z.string()\n",
  'src/ports.ts': "import type { plan } from './domain/plan.js'\nexport type Port = typeof plan\n",
  'src/config.ts': "import { plan } from './domain/plan.js'\nexport const config = plan\n",
  'src/team/agent.ts': "import type { Port } from '../ports.js'\nexport const agent = (port: Port) => port\n",
  'src/workflow/story.ts': "import { agent } from '../team/agent.js'\nexport const story = agent\n",
  'src/durable/engine.ts': "import type { Port } from '../ports.js'\nexport type Engine = Port\n",
  'src/github/client.ts': "import type { Port } from '../ports.js'\nexport type Client = Port\n",
  'src/model/model.ts': "import type { Port } from '../ports.js'\nexport type Model = Port\n",
  'src/workspace/tree.ts': "import type { Port } from '../ports.js'\nexport type Tree = Port\n",
  'src/practice/server.ts': "import type { plan } from '../domain/plan.js'\nexport type Server = typeof plan\n",
  'src/app.ts': "import type { Client } from './github/client.js'\nexport type App = Client\n",
  'src/main.ts':
    "import './app.js'\nimport './config.js'\nimport './workflow/story.js'\nimport './durable/engine.js'\n",
}

/** File → a line that must not be in it, and the rule that says so. */
const backward: [file: string, line: string, rule: string][] = [
  ['src/domain/plan.ts', "import '../workflow/story.js'", 'domain-imports'],
  ['src/domain/plan.ts', "import 'node:fs'", 'domain-packages'],
  ['src/ports.ts', "import type {} from './team/agent.js'", 'ports-imports'],
  ['src/team/agent.ts', "import type {} from '../workflow/story.js'", 'team-imports'],
  ['src/workflow/story.ts', "import '../github/client.js'", 'workflow-imports'],
  ['src/durable/engine.ts', "import '../model/model.js'", 'durable-imports'],
  ['src/github/client.ts', "import '../workspace/tree.js'", 'github-imports'],
  ['src/model/model.ts', "import '../team/agent.js'", 'model-imports'],
  ['src/workspace/tree.ts', "import '../durable/engine.js'", 'workspace-imports'],
  ['src/practice/server.ts', "import type {} from '../github/client.js'", 'practice-imports'],
  [
    'src/practice/server.ts',
    "import { plan as value } from '../domain/plan.js'\nexport { value }",
    'domain-types-only',
  ],
  ['src/github/client.ts', "import type {} from '../practice/server.js'", 'github-imports'],
  ['src/app.ts', "import './workflow/story.js'", 'app-imports'],
  ['src/config.ts', "import type {} from './ports.js'", 'config-imports'],
  ['src/team/agent.ts', "import '../domain/gone.js'", 'no-unresolvable'],
  ['src/team/agent.ts', "import type {} from 'jest'", 'no-test-code-in-src'],
  ['src/team/alone.ts', 'export const alone = 1', 'no-orphan'],
]

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-direction-'))
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'))
  for (const file of ['tsconfig.json', 'package.json']) await cp(join(project, file), join(folder, file))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function check(files: Record<string, string>) {
  await rm(join(folder, 'src'), { recursive: true, force: true })
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const script = join(project, 'scripts/check-import-direction.mjs')
  const { exitCode, stdout, stderr } = await execa(process.execPath, [script, folder], { reject: false })
  return { exitCode, stdout, rules: stderr.split('\n').map(line => line.split(':')[0] ?? '') }
}

test('imports that point the right way pass, and are seen', async () => {
  const result = await check(rightWay)
  expect(result).toMatchObject({ exitCode: 0, rules: [''] })
  expect(result.stdout).toMatch(/^1\d modules, 1\d imports, 0 against the rules, 0 files unread$/)
})

test('an import that points backward is caught, in every part', async () => {
  const files: Record<string, string> = { ...rightWay }
  for (const [file, line] of backward) files[file] = `${line}\n${files[file] ?? ''}`
  const result = await check(files)
  expect(result.exitCode).toBe(1)
  expect(result.rules).toEqual(expect.arrayContaining([...new Set(backward.map(([, , rule]) => rule)), 'no-circle']))
})

test('a tool that reads nothing does not pass', async () => {
  expect(await check({ 'src/main.js': 'export {}' })).toMatchObject({ exitCode: 1 })
})
