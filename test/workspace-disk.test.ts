import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import type { CloneSource } from '../src/ports.js'
import { setUpWorkspaces, type WorkspaceSetup } from './support/workspace-setup.js'

const hour = 60 * 60 * 1000
const day = 24 * hour

let it: WorkspaceSetup
/** What the workspaces' clock is ahead by. */
let later: number

beforeEach(async () => {
  it = await setUpWorkspaces({ 'README.md': '# Shop\n' })
  later = 0
})
afterEach(() => it.stop())

/** The same repository under another number, which has a clone of its own. */
const source = (id: number): CloneSource => ({ ...it.source, repository: { ...it.source.repository, id } })
const open = (disk: { bytes: number; days: number }) => it.another({ disk, now: () => Date.now() + later })
const clones = async () => (await readdir(it.cacheDir)).filter(name => name.endsWith('.git')).sort()
const bytesUsed = () => Number(execFileSync('du', ['-sk', it.cacheDir], { encoding: 'utf8' }).split('\t')[0]) * 1024

test('above the ceiling the clone that was not used for longest goes, and comes again when it is needed', async () => {
  const all = await open({ bytes: 1024 ** 4, days: 90 })
  for (const id of [11, 12, 13]) {
    await all.fetch(source(id), 'main')
    later += 2 * hour
  }
  // Used once more.
  await all.fetch(source(11), 'main')
  later += 2 * hour
  await all.tidy({ keys: [] })
  expect(await clones()).toEqual(['11.git', '12.git', '13.git'])

  const narrow = await open({ bytes: bytesUsed() - 1024, days: 90 })
  await narrow.tidy({ keys: [] })
  expect(await clones()).toEqual(['11.git', '13.git'])
  expect(it.logged).toContainEqual(
    expect.stringMatching(/^Removed the clone .*12\.git, which was not used for longest/),
  )

  const head = await narrow.fetch(source(12), 'main')
  expect(await narrow.read(source(12), head, 'README.md')).toBe('# Shop\n')
})

test('clones that are in use stay even above the ceiling, which is said', async () => {
  const narrow = await open({ bytes: 1, days: 90 })
  const head = await narrow.fetch(source(11), 'main')
  await narrow.open(source(11), 'agent:at work', head)
  later += 2 * hour
  await narrow.fetch(source(12), 'main')
  await narrow.tidy({ keys: ['agent:at work'] })
  expect(await clones()).toEqual(['11.git', '12.git'])
  expect(it.logged).toContainEqual(expect.stringContaining('none of them can be removed now'))
})

test('a clone that nobody used for the set time goes, however much room there is', async () => {
  const roomy = await open({ bytes: 1024 ** 4, days: 30 })
  await roomy.fetch(source(11), 'main')
  later += 20 * day
  await roomy.fetch(source(12), 'main')
  later += 11 * day
  await roomy.tidy({ keys: [] })
  expect(await clones()).toEqual(['12.git'])
})

test('worktrees of agents that have ended go, those of agents at work and new ones stay', async () => {
  const workspaces = await open({ bytes: 1024 ** 4, days: 90 })
  const head = await workspaces.fetch(source(11), 'main')
  await workspaces.open(source(11), 'agent:at work', head)
  await workspaces.open(source(11), 'agent:ended', head)
  const trees = async () =>
    (await readdir(it.treesDir))
      .filter(name => !name.startsWith('.'))
      .map(name => name.replace(/-[0-9a-f]{10}$/, ''))
      .sort()
  await workspaces.tidy({ keys: ['agent:at work'] })
  expect(await trees()).toEqual(['agent-at-work', 'agent-ended'])

  later += 2 * hour
  await workspaces.tidy({ keys: ['agent:at work'] })
  expect(await trees()).toEqual(['agent-at-work'])
})

test('a worktree whose clone went is filled again', async () => {
  const workspaces = await open({ bytes: 1024 ** 4, days: 90 })
  const head = await workspaces.fetch(source(11), 'main')
  await workspaces.open(source(11), 'agent:waits', head)
  later += 100 * day
  await workspaces.tidy({ keys: [] })
  expect(await clones()).toEqual([])
  const again = await workspaces.open(source(11), 'agent:waits', head)
  expect(again.fresh).toBe(true)
  expect(await again.read('README.md')).toEqual({ text: '# Shop\n' })
})
