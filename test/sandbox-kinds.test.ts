import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boxUser } from '../src/workspace/box-user.js'
import { createDockerBox, dockerArguments, dockerProblem, proveImage } from '../src/workspace/docker-box.js'
import { noBox } from '../src/workspace/no-box.js'
import { openSandbox } from '../src/workspace/sandbox.js'
import { makePlace, placeOf } from '../src/workspace/trees-directory.js'

const root = await mkdtemp(join(tmpdir(), 'crew-kinds-'))
const treesDir = join(root, 'trees')
await mkdir(treesDir)
for (const directory of [root, treesDir]) await chmod(directory, 0o711)
const place = placeOf(treesDir, 'kinds')
const log = join(root, 'docker.log')
const bin = join(root, 'bin')
const env = { PATH: `${bin}:${process.env['PATH']}`, DOCKER_HOST: 'tcp://engine:2375', CREW_SECRET: 'canary' }

beforeAll(async () => {
  await makePlace(place)
  await mkdir(bin)
  await writeFile(join(bin, 'docker'), fakeDocker(), { mode: 0o755 })
})
afterAll(() => rm(root, { recursive: true, force: true }))

const order = (
  command: string,
  more: { timeoutSeconds?: number; image?: string | null; signal?: AbortSignal } = {},
) => ({
  ...{ command, tree: place.tree, timeoutSeconds: 20, image: 'node:20', signal: new AbortController().signal },
  ...more,
})

describe('SANDBOX=docker', () => {
  test('closes in the command line all that an image or the engine could leave open', () => {
    const args = dockerArguments({
      ...{ command: 'npm test; echo "$HOME"', tree: '/trees/one/tree', timeoutSeconds: 30, image: 'node:20' },
      ...{ name: 'issue-crew-1', user: { uid: 1000, gid: 1000 } },
    })
    expect(args).toMatchSnapshot()
  })

  test('runs each command in a container of the repository’s image, and gives its client nothing of ours', async () => {
    const box = createDockerBox({ env })
    expect(await box.run(order('echo out; echo err >&2; exit 3'))).toMatchObject({
      ...{ exitCode: 3, output: 'out\nerr\n', timedOut: false },
    })
    const { argv, environment } = await lastCall()
    const user = boxUser ?? { uid: process.getuid?.(), gid: process.getgid?.() }
    expect(argv.slice(0, 3)).toEqual(['run', '--rm', '--init'])
    expect(argv[argv.indexOf('--user') + 1]).toBe(`${user.uid}:${user.gid}`)
    expect(argv[argv.indexOf('--mount') + 1]).toBe(`type=bind,source=${place.tree},target=/repo`)
    expect(argv.filter(arg => arg === '--mount' || arg === '--volume' || arg === '-v')).toHaveLength(1)
    expect(argv[argv.indexOf('/bin/sh') + 1]).toBe('node:20')
    expect(environment).toContain('DOCKER_HOST=tcp://engine:2375')
    expect(environment).not.toContain('canary')
  })

  test('removes the container where the command takes too long or is cancelled: its client’s end does not', async () => {
    const box = createDockerBox({ env })
    expect(await box.run(order('sleep 3600', { timeoutSeconds: 1 }))).toMatchObject({ timedOut: true, exitCode: null })
    const [run, removed] = (await calls()).slice(-2)
    const name = run?.argv[run.argv.indexOf('--name') + 1]
    expect(removed?.argv).toEqual(['rm', '--force', '--volumes', name])

    const controller = new AbortController()
    const before = (await calls()).length
    const cancelled = box.run(order('sleep 3600', { signal: controller.signal }))
    while ((await calls()).length === before) await new Promise(resolve => setImmediate(resolve))
    controller.abort(new Error('cancelled'))
    await expect(cancelled).rejects.toThrow('cancelled')
    expect((await lastCall()).argv.slice(0, 2)).toEqual(['rm', '--force'])
  })

  test('takes docker’s own failure for one, and neither its warnings nor a command’s exit code', async () => {
    const box = createDockerBox({ env })
    expect(await box.run(order('true', { image: 'missing:1' }))).toEqual({
      refused: 'the box could not be started: docker: no such image',
    })
    expect(await box.run(order('true', { image: 'warns:1' }))).toMatchObject({ exitCode: 0 })
    expect(await box.run(order('exit 125'))).toMatchObject({ exitCode: 125 })
  })

  test('takes no image that is none, runs nothing without one, and says what the repository lacks', async () => {
    const box = createDockerBox({ env })
    const before = (await calls()).length
    for (const image of ['--privileged', '-v/:/host', 'a b', 'x\n', ''])
      expect([image, await box.run(order('true', { image }))]).toEqual([image, { refused: expect.any(String) }])
    expect(await box.run(order('true', { image: null }))).toEqual({
      refused: expect.stringContaining('names no image (`commands.image`)'),
    })
    expect(await calls()).toHaveLength(before)
  })

  test('finds out an image or an engine that does not hold, and where there is no engine', async () => {
    const at = { tree: place.tree, image: 'node:20' }
    // The fake runs on the machine itself, which is all that a container must not be.
    const found = await proveImage(createDockerBox({ env }), at)
    expect(found).toMatch(/^a container of node:20 does not hold: .*network interface.*gain privileges/)
    // Who isn't root can't write outside of the tree there, either.
    if (process.getuid?.() === 0) expect(found).toContain('can be')
    expect(await proveImage(createDockerBox({ env }), { ...at, image: 'missing:1' })).toContain('no such image')
    expect(await dockerProblem({ env })).toBeNull()
    expect(await dockerProblem({ env: { PATH: '/nonexistent' } })).toBe('docker is not installed')
    expect(await dockerProblem({ env: { ...env, DOCKER_HOST: 'unix:///gone' } })).toMatch(
      /engine does not answer: .*gone/,
    )
  })
})

describe('SANDBOX=none', () => {
  test('still starts with an environment made from nothing, as nobody where this is root, and in the tree', async () => {
    process.env['CREW_TEST_SECRET'] = 'canary'
    const result = await noBox().run(order('env; id -u; pwd; echo kept > kept-by-none'))
    delete process.env['CREW_TEST_SECRET']
    expect(result).toMatchObject({ exitCode: 0, output: expect.not.stringContaining('canary') })
    expect(result).toMatchObject({
      output: expect.stringContaining(`\n${boxUser?.uid ?? process.getuid?.()}\n${place.tree}\n`),
    })
    expect(await readFile(join(place.tree, 'kept-by-none'), 'utf8')).toBe('kept\n')
  })

  test('ends what a command leaves behind in its group, and all of that where time is over', async () => {
    const mark = `3600.${process.pid}`
    expect(await noBox().run(order(`sleep ${mark}1 & echo done`))).toMatchObject({ exitCode: 0, output: 'done\n' })
    expect(await noBox().run(order(`sleep ${mark}2 & sleep ${mark}2`, { timeoutSeconds: 1 }))).toMatchObject({
      timedOut: true,
    })
    expect(await commandLines()).not.toContain(`sleep ${mark}`)
  })

  test('needs no proof: it promises nothing', async () => {
    const none = await openSandbox('none', { treesDir, hidden: [] })
    expect([none.off, await none.whyOff(null)]).toEqual([null, null])
  })
})

interface Call {
  argv: string[]
  environment: string
}

/** Those that are written down to their end. */
async function calls(): Promise<Call[]> {
  const text = await readFile(log, 'utf8').catch(() => '')
  return text
    .split('\x1e')
    .slice(0, -1)
    .map(call => {
      const [argv = '', environment = ''] = call.split('\x1d')
      return { argv: argv.split('\x1f').slice(0, -1), environment }
    })
}

async function lastCall(): Promise<Call> {
  const last = (await calls()).at(-1)
  if (!last) throw new Error('docker was not called')
  return last
}

async function commandLines(): Promise<string> {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map(id => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return lines.map(line => line.replaceAll('\0', ' ')).join('\n')
}

/** Writes down how it was called, and runs what a container would run, on this machine. */
function fakeDocker(): string {
  return `#!/bin/sh
{ printf '%s\\037' "$@"; printf '\\035'; env; printf '\\036'; } >> '${log}'
[ "$DOCKER_HOST" = unix:///gone ] && { echo "cannot reach unix:///gone" >&2; exit 1; }
[ "$1" = run ] || exit 0
while [ "$1" != /bin/sh ]; do shift; done
shift
[ "$1" = missing:1 ] && { echo "docker: no such image" >&2; exit 125; }
[ "$1" = warns:1 ] && echo "WARNING: no swap limit" >&2
shift
cd '${place.tree}' && exec /bin/sh "$@"
`
}
