import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { SetupOrder } from '../src/domain/setup.js'
import type { Worktree } from '../src/ports.js'
import { serveRegistry, type Registry } from './support/registry.js'
import { setUpWorkspaces, type WorkspaceSetup } from './support/workspace-setup.js'

const files = {
  '.gitignore': 'node_modules/\n',
  'app.sh': 'cat node_modules/left-pad/index\n',
  'package-lock.json': '{"lockfileVersion": 3}\n',
  'packages/api/package.json': '{}\n',
}

let registry: Registry
let it: WorkspaceSetup
let head: string
let counter = 0
const { signal } = new AbortController()

beforeAll(async () => {
  registry = await serveRegistry()
})
afterAll(() => registry.stop())

beforeEach(async () => {
  it = await setUpWorkspaces(files)
  it.workspaces = await it.another({ setup: { minutes: 10, privateRegistries: ['localhost'] } })
  head = await it.workspaces.fetch(it.source, 'main')
  registry.asked.length = 0
})
afterEach(() => it.stop())

const order = (commands: string[], more: Partial<SetupOrder> = {}): SetupOrder => ({
  commit: head,
  commands,
  registries: [registry.host],
  cachedBy: null,
  timeoutSeconds: null,
  ...more,
})
const install = (): string[] => [
  `mkdir -p node_modules/left-pad && ${registry.get('/left-pad')} > node_modules/left-pad/index`,
]

const setUp = (setup: SetupOrder, workspaces = it.workspaces) => workspaces.setUp(it.source, setup, signal)
const specialist = (setup: SetupOrder, workspaces = it.workspaces): Promise<Worktree> =>
  workspaces.open(it.source, `specialist-${++counter}`, head, { setup, signal })

async function run(tree: Worktree, command: string): Promise<string> {
  const result = await tree.run(command, { timeoutSeconds: 30, signal })
  return 'refused' in result ? result.refused : result.output
}

/** Whether the box works on this machine; without it there is no setup, which is the last test here. */
const probe = await setUpWorkspaces(files)
const off = probe.workspaces.commandsOff
await probe.stop()
if (off !== null) console.warn(`\n*** ${off}: setup was not run here ***\n`)
const inTheBox = off === null ? describe : describe.skip

inTheBox('setup', () => {
  test('installs from the registry that is named, and specialists, who reach none, have what it left', async () => {
    expect(await setUp(order(install()))).toEqual({ kind: 'ready', made: true })
    expect(registry.asked).toEqual(['/left-pad'])

    const tree = await specialist(order(install()))
    expect(await run(tree, 'sh app.sh')).toBe('what /left-pad holds\n')
    expect(await run(tree, registry.get('/other'))).toMatch(/Could not resolve|Couldn't connect|Failed to connect/)
    expect(await tree.read('node_modules/left-pad/index')).toEqual({ text: 'what /left-pad holds\n' })
    expect(registry.asked).toEqual(['/left-pad'])
  })

  test('reaches nothing but through the proxy, and through it nothing that is not named', async () => {
    let reached = false
    const other = createServer((_, response) => {
      reached = true
      response.end()
    })
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const tries = [
      `curl -sS --noproxy '*' http://127.0.0.1:${port}/`,
      `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}'`,
      `curl -sS --noproxy '' -p http://localhost:${port}/tunnelled`,
      `curl -sS --fail --noproxy '' http://localhost:${port}/plain`,
      registry.get('/', 'other.example.org'),
      `grep -v -e Inter- -e face -e ' lo:' /proc/net/dev`,
    ].map(command => `{ ${command} && echo BROKE; }`)
    const outcome = await setUp(order([`${tries.join('; ')}; exit 7`]))
    other.close()
    expect(outcome).toMatchObject({ kind: 'failed', how: 'ended with exit code 7' })
    expect(outcome).toMatchObject({
      refused: [
        { host: `localhost:${port}`, why: 'not-named' },
        { host: `localhost:${port}`, why: 'not-https' },
        { host: 'other.example.org:443', why: 'not-named' },
      ],
      output: expect.not.stringContaining('BROKE'),
    })
    expect(reached).toBe(false)
    expect(registry.asked).toEqual([])
  })

  test('is not let through to a name that leads into a private network, unless the operator says so', async () => {
    const strict = await it.another()
    expect(await setUp(order(install()), strict)).toMatchObject({
      kind: 'failed',
      refused: [{ host: registry.host, why: 'private' }],
    })
    expect(registry.asked).toEqual([])
  })

  test('says where a registry is not there, or does not answer', async () => {
    const registries = ['localhost:1', 'nowhere.invalid']
    const commands = [`${registry.get('/', 'localhost:1')}; ${registry.get('/', 'nowhere.invalid')}`]
    expect(await setUp(order(commands, { registries }))).toMatchObject({
      refused: [
        { host: 'localhost:1', why: 'unreachable' },
        { host: 'nowhere.invalid:443', why: 'unreachable' },
      ],
    })
  })

  test('can’t reach another host behind the address of one that is named', async () => {
    const port = registry.host.split(':')[1] ?? ''
    const behind = `curl -sS -k --noproxy '' --connect-to other.example:443:localhost:${port} https://other.example/`
    expect(await setUp(order([behind]))).toMatchObject({
      kind: 'failed',
      refused: [{ host: 'other.example', why: 'not-named' }],
    })
    const noTls = `printf 'CONNECT ${registry.host} HTTP/1.1\\r\\n\\r\\nGET / HTTP/1.0\\r\\n\\r\\n' | bash -c 'exec 3<>/dev/tcp/127.0.0.1/3128; cat >&3; cat <&3'; exit 1`
    expect(await setUp(order([noTls]))).toMatchObject({ refused: [{ host: 'localhost', why: 'not-https' }] })
    expect(registry.asked).toEqual([])
  })

  test('sees no secret and nothing of the host, as any command', async () => {
    process.env['CREW_TEST_SECRET'] = 'planted-in-the-environment'
    const look = 'env; cat /proc/*/environ | tr "\\0" "\\n"; ls -a / /run/* /home; id -u; exit 1'
    const outcome = await setUp(order([look]))
    delete process.env['CREW_TEST_SECRET']
    expect(outcome).toMatchObject({ output: expect.stringMatching(/https_proxy=http:\/\/127\.0\.0\.1:3128/i) })
    expect(JSON.stringify(outcome)).not.toContain('planted-in-the-environment')
    expect(await setUp(order([`touch /run/issue-crew/mine || rm -f /run/issue-crew/proxy || exit 3`]))).toMatchObject({
      how: 'ended with exit code 3',
    })
  })
})

inTheBox('what setup left', () => {
  test('is found again by everybody while the lock file is the same, also after a restart', async () => {
    await Promise.all([specialist(order(install())), specialist(order(install())), setUp(order(install()))])
    expect(registry.asked).toEqual(['/left-pad'])
    expect(await setUp(order(install()))).toEqual({ kind: 'ready', made: false })

    await it.server.commit({ 'app.sh': 'echo another\n' })
    head = await it.workspaces.fetch(it.source, 'main')
    const later = await it.another({ setup: { minutes: 10, privateRegistries: ['localhost'] } })
    expect(await setUp(order(install()), later)).toEqual({ kind: 'ready', made: false })
    expect(registry.asked).toEqual(['/left-pad'])
  })

  test('is made anew for another lock file, other commands or registries', async () => {
    await setUp(order(install()))
    await it.server.commit({ 'package-lock.json': '{"lockfileVersion": 4}\n' })
    head = await it.workspaces.fetch(it.source, 'main')
    expect(await setUp(order(install()))).toEqual({ kind: 'ready', made: true })
    expect(await setUp(order(install(), { registries: [registry.host, 'other.example.org'] }))).toMatchObject({
      made: true,
    })
    expect(await setUp(order([...install(), 'true']))).toMatchObject({ made: true })

    const byManifest = { cachedBy: ['packages/**'] }
    expect(await setUp(order(install(), byManifest))).toMatchObject({ made: true })
    await it.server.commit({ 'package-lock.json': '{"lockfileVersion": 5}\n' })
    head = await it.workspaces.fetch(it.source, 'main')
    expect(await setUp(order(install(), byManifest))).toMatchObject({ made: false })
  })

  test('is made anew after a week, and gives way when there is no more room', async () => {
    await setUp(order(install()))
    const setups = join(it.cacheDir, 'setups')
    const [name = ''] = await readdir(setups)
    const rewrite = async (change: object, usedHoursAgo: number): Promise<void> => {
      const path = join(setups, name, 'made.json')
      await writeFile(path, JSON.stringify({ ...(JSON.parse(await readFile(path, 'utf8')) as object), ...change }))
      const used = new Date(Date.now() - usedHoursAgo * 60 * 60 * 1000)
      await utimes(path, used, used)
    }
    await rewrite({ made: Date.now() - 6.9 * 24 * 60 * 60 * 1000 }, 1)
    expect(await setUp(order(install()))).toMatchObject({ made: false })
    await rewrite({ made: Date.now() - 7.1 * 24 * 60 * 60 * 1000 }, 1)
    expect(await setUp(order(install()))).toMatchObject({ made: true })

    await rewrite({ bytes: 11 * 1024 ** 3 }, 0.5)
    await setUp(order(['echo x > another']))
    expect(await readdir(setups)).toHaveLength(2)
    await rewrite({}, 2)
    await setUp(order(['echo x > third']))
    expect(await readdir(setups)).toHaveLength(2)
    expect(await readdir(setups)).not.toContain(name)
  })

  test('without any lock file it is for one commit', async () => {
    const none = { cachedBy: ['Pipfile.lock'] }
    await setUp(order(install(), none))
    expect(await setUp(order(install(), none))).toMatchObject({ made: false })
    await it.server.commit({ 'app.sh': 'echo another\n' })
    head = await it.workspaces.fetch(it.source, 'main')
    expect(await setUp(order(install(), none))).toMatchObject({ made: true })
  })

  test('is each specialist’s own: what one writes into it reaches no other', async () => {
    const one = await specialist(order(install()))
    await run(one, 'echo poisoned > node_modules/left-pad/index; echo more > node_modules/more; chmod 777 node_modules')
    const other = await specialist(order(install()))
    expect(await run(other, 'cat node_modules/left-pad/index; ls node_modules')).toBe(
      'what /left-pad holds\nleft-pad\n',
    )
  })

  test('is in no commit, ignored by the repository or not, and what it changed is as it was', async () => {
    const setup = order([
      `mkdir -p .venv/bin packages/api/node_modules "odd [name] #1" && echo x | tee .venv/bin/python packages/api/node_modules/x "odd [name] #1/x" 'back\\slash'`,
      `echo '{"rewritten": true}' > package-lock.json; rm app.sh; git init -q .venv/src; ln -s /etc/passwd link; mkfifo pipe`,
    ])
    const tree = await specialist(setup)
    expect(await run(tree, 'cat .venv/bin/python "odd [name] #1/x" package-lock.json; ls app.sh')).toBe(
      `x\nx\n${files['package-lock.json']}app.sh\n`,
    )
    expect(await tree.snapshot()).toBe(await it.workspaces.treeOf(it.source, head))
    expect(tree.refused).toEqual([])
    expect(await tree.list(null)).toEqual(Object.keys(files).sort())

    // Not even when somebody has git look at it.
    await run(
      tree,
      `printf '!.venv\\n!node_modules\\n!link\\n' > .gitignore; echo changed > .venv/bin/python; echo new > new.txt`,
    )
    const changes = await it.workspaces.changes(it.source, head, await tree.snapshot())
    expect(changes.map(({ path }) => path)).toEqual(['.gitignore', 'new.txt'])
    expect(await tree.write('.venv/notes', 'x')).toEqual({ refused: expect.stringContaining('no commit will hold it') })

    await tree.reset(head)
    expect(await run(tree, 'cat .venv/bin/python; ls')).toContain('changed')
  })

  test('gives way to what lies in its place by now', async () => {
    const setup = order(['mkdir dist tools && echo made | tee dist/a tools/b'])
    await setUp(setup)
    await it.server.commit({ 'dist/a': 'the repository’s own\n' })
    const later = await it.workspaces.fetch(it.source, 'main')
    const tree = await it.workspaces.open(it.source, 'later', later, { setup, signal })
    expect(await run(tree, 'cat dist/a tools/b')).toBe('the repository’s own\nmade\n')
    expect(await tree.snapshot()).toBe(await it.workspaces.treeOf(it.source, later))
  })

  test('is made once more where it is gone when a specialist begins', async () => {
    await setUp(order(install()))
    const elsewhere = await it.another({
      cacheDir: join(it.cacheDir, '..', 'another-machine'),
      setup: { minutes: 10, privateRegistries: ['localhost'] },
    })
    await elsewhere.fetch(it.source, 'main')
    expect(await run(await specialist(order(install()), elsewhere), 'sh app.sh')).toBe('what /left-pad holds\n')
    expect(registry.asked).toHaveLength(2)
  })
})

inTheBox('a setup that fails', () => {
  test('says which command, how, and the last of what it said; nothing of it is kept', async () => {
    const setup = order(['echo first > made.txt', 'seq 100; echo broken >&2; exit 4', 'echo never > never.txt'])
    const outcome = await setUp(setup)
    expect(outcome).toMatchObject({
      kind: 'failed',
      command: setup.commands[1],
      how: 'ended with exit code 4',
      refused: [],
    })
    const lines = 'output' in outcome ? outcome.output.split('\n') : []
    expect(lines).toHaveLength(30)
    expect(lines.slice(-2)).toEqual(['100', 'broken'])
    const tree = await specialist(setup)
    expect(await tree.list(null)).toEqual(Object.keys(files).sort())
    expect(it.logged.join('\n')).toContain('the work goes on without what setup makes: seq 100')
    expect(await leftBehind()).toEqual([])
  })

  test('is ended when its time is over, or its run is', async () => {
    expect(await setUp(order(['echo begun; sleep 600'], { timeoutSeconds: 1 }))).toMatchObject({
      how: 'was stopped: setup may take 1 s',
      output: 'begun',
    })
    const controller = new AbortController()
    const stopped = it.workspaces.setUp(it.source, order([`${registry.get('/begun')}; sleep 600`]), controller.signal)
    while (registry.asked.length === 0) await new Promise(resolve => setTimeout(resolve, 20))
    controller.abort(new Error('cancelled'))
    await expect(stopped).rejects.toThrow('cancelled')
    expect(await leftBehind()).toEqual([])
  })

  test('by leaving nothing in the working tree is told so', async () => {
    expect(await setUp(order(['touch ~/.cache-of-mine /tmp/x']))).toMatchObject({
      kind: 'failed',
      how: expect.stringContaining('nothing new lies in the working tree'),
    })
  })

  /** Trees of setups that were not removed. */
  const leftBehind = async (): Promise<string[]> => {
    await stat(it.treesDir)
    return readdirSync(it.treesDir).filter(name => name.startsWith('setup-'))
  }
})

describe('setup is off, and says why,', () => {
  test('where the operator allows none', async () => {
    const none = await it.another({ setup: { minutes: 0, privateRegistries: [] } })
    if (off === null)
      expect(await setUp(order(['true']), none)).toEqual({
        kind: 'off',
        why: expect.stringContaining('SETUP_MINUTES=0'),
      })
  })

  test('where commands are off, in docker and without bubblewrap', async () => {
    const path = process.env['PATH']
    process.env['PATH'] = '/nonexistent:' + (path ?? '')
    try {
      const docker = await it.another({ sandbox: 'docker' })
      expect(await setUp(order(['true']), docker)).toEqual({ kind: 'off', why: expect.stringMatching(/docker|image/) })
    } finally {
      process.env['PATH'] = path
    }
  })
})
