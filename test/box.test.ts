import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { proveBox } from '../src/workspace/box-proof.js'
import { boxUser } from '../src/workspace/box-user.js'
import { createBox, type Box } from '../src/workspace/box.js'
import { makePlace, placeOf } from '../src/workspace/trees-directory.js'

const root = await mkdtemp(join(tmpdir(), 'crew-box-'))
const treesDir = join(root, 'trees')
await mkdir(treesDir)
for (const directory of [root, treesDir]) await chmod(directory, 0o711)
const box = await createBox({ directory: treesDir, hidden: [] })
const why = await proveBox(box, treesDir)
const place = placeOf(treesDir, 'box')

beforeAll(() => makePlace(place))
afterAll(() => rm(root, { recursive: true, force: true }))

if (why === 'bubblewrap is not installed')
  console.warn('\n*** bubblewrap is not installed: nothing of the sandbox is tested here ***\n')
else test('the proof holds on this machine', () => expect(why).toBeNull())

const inTheBox = why === 'bubblewrap is not installed' ? describe.skip : describe

inTheBox('a command', () => {
  test('sees the repository, works in it, and gives back its output and exit code', async () => {
    const result = await run('echo out; echo err >&2; echo kept > kept.txt; chmod +x kept.txt; exit 3')
    expect(result).toMatchObject({ exitCode: 3, output: 'out\nerr\n', cut: 0, timedOut: false })
    expect(await readFile(join(place.tree, 'kept.txt'), 'utf8')).toBe('kept\n')
    expect((await stat(join(place.tree, 'kept.txt'))).uid).toBe(boxUser?.uid ?? process.getuid?.())
    expect(await run('kill -9 $$')).toMatchObject({ exitCode: 137 })
    expect(await run('echo bwrap: not of bwrap >&2')).toMatchObject({ exitCode: 0, output: 'bwrap: not of bwrap\n' })
  })

  test('finds the usual tools, and node where this process has it', async () => {
    expect(await run('node -e "console.log(1 + 1)" && cd /tmp && echo x > y && cat y && whoami && pwd')).toMatchObject({
      exitCode: 0,
      output: '2\nx\ncrew\n/tmp\n',
    })
  })

  test('gets nothing of this process’s environment', async () => {
    const secret = randomBytes(12).toString('hex')
    process.env['CREW_TEST_SECRET'] = secret
    try {
      const { output } = await run('env; cat /proc/*/environ | tr "\\0" "\\n"')
      expect(output).toContain('HOME=/home/crew')
      expect(output).not.toContain(secret)
    } finally {
      delete process.env['CREW_TEST_SECRET']
    }
  })

  test('reaches no network, not even this machine’s', async () => {
    let asked = false
    const server = createServer((_, response) => {
      asked = true
      response.end('reached')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const script = `require('http').get('http://127.0.0.1:${port}').on('error', e => console.log(e.code)).on('response', () => console.log('reached'))`
    expect(await run(`node -e "${script}"; cut -d: -f1 /proc/net/dev | tail -n +3`)).toMatchObject({
      output: 'ECONNREFUSED\n    lo\n',
    })
    expect(asked).toBe(false)
    server.close()
  })

  test('gets no second name for a file of the host’s, and no device', async () => {
    const { output } = await run(
      'ln /usr/bin/env mine || ln -L /etc/passwd mine || mknod sda b 8 0 || mknod null c 1 3 || echo held; ls',
    )
    expect(output).toContain('held')
    expect(output).not.toMatch(/^(mine|sda|null)$/m)
  })

  test('can write nowhere outside the repository, and sees nothing else of the host', async () => {
    await writeFile(join(treesDir, 'neighbour'), 'secret')
    await symlink(join(treesDir, 'neighbour'), join(place.tree, 'link'))
    const { output } = await run(
      `for d in / /usr /etc /usr/bin /dev /proc /sys /repo/..; do touch "$d/crew" 2>/dev/null && echo "wrote $d"; done; ` +
        `cat link ${treesDir}/neighbour /etc/shadow /root/.bashrc 2>/dev/null; ls -d /root /home/* /work /var /run /srv 2>/dev/null; ` +
        `echo 1 > /proc/sys/kernel/hostname || mount -t tmpfs x /tmp || unshare -U true || unshare -r true || echo held`,
    )
    expect(output.split('\n').filter(line => !/denied|failed|Read-only|mount:|dmesg|permitted/.test(line))).toEqual([
      '/home/crew',
      'held',
      '',
    ])
  })

  test('that writes without end is cut in the middle, and the cut is counted', async () => {
    const result = await run('echo first; head -c 3000000 /dev/zero | tr "\\0" x; echo; echo last')
    expect(result.output).toMatch(/^first\nx+\n\[… \d+ bytes cut …\]\nx+\nlast\n$/)
    expect(result.output.length).toBeLessThan(31_000)
    const kept = result.output.replace(/\n\[… \d+ bytes cut …\]\n/, '').length
    expect(kept + result.cut).toBe('first\n\nlast\n'.length + 3_000_000)
    const endless = await run('yes', { timeoutSeconds: 1 })
    expect(endless).toMatchObject({ timedOut: true, exitCode: null })
    expect(endless.cut).toBeGreaterThan(0)
  })

  test('that takes too long is ended, with all that it started', async () => {
    const mark = mine()
    const result = await run(`echo begun; setsid nohup sleep ${mark} & (sleep ${mark} & ); sleep ${mark}`, {
      timeoutSeconds: 1,
    })
    expect(result).toMatchObject({ timedOut: true, exitCode: null, output: expect.stringContaining('begun') })
    expect(await running(mark)).toEqual([])
  })

  test('has no process left when its result is there, not even one that let go of its output', async () => {
    const mark = mine()
    const loops = `for n in $(seq 100); do bash -c 'while :; do : ${mark}; done' <&- >&- 2>&- & done; sleep 60`
    await run(loops, { timeoutSeconds: 2 })
    const left = readdirSync('/proc').filter(id => /^\d+$/.test(id) && lineOf(id).includes(mark))
    expect(left).toEqual([])
  })

  test('that ends leaves no process behind', async () => {
    const mark = mine()
    expect(await run(`setsid nohup sleep ${mark} >/dev/null 2>&1 & sleep ${mark} & echo done`)).toMatchObject({
      exitCode: 0,
      output: 'done\n',
    })
    expect(await running(mark)).toEqual([])
  })

  test('is ended with all that it started when its signal fires', async () => {
    const mark = mine()
    const controller = new AbortController()
    const result = box.run({
      command: `sleep ${mark} & sleep ${mark}`,
      tree: place.tree,
      timeoutSeconds: 60,
      signal: controller.signal,
    })
    while ((await running(mark)).length === 0) await new Promise(resolve => setTimeout(resolve, 20))
    controller.abort(new Error('cancelled'))
    await expect(result).rejects.toThrow('cancelled')
    expect(await running(mark)).toEqual([])
    const late = box.run({ command: 'true', tree: place.tree, timeoutSeconds: 60, signal: controller.signal })
    await expect(late).rejects.toThrow('cancelled')
  })

  test('that forks without end is held at its number of processes, and ended whole', async () => {
    const mark = mine()
    const bomb = run(`: ${mark}; bomb() { bomb | bomb & }; bomb; sleep 60`, { timeoutSeconds: 2 })
    let most = 0
    let over = false
    void bomb.finally(() => (over = true))
    while (!over)
      most = Math.max(most, (await processes()).filter(line => line.startsWith(`/bin/bash -c : ${mark}`)).length)
    expect(await bomb).toMatchObject({ timedOut: true })
    expect(most).toBeGreaterThan(50)
    expect(most).toBeLessThanOrEqual(512)
    expect((await processes()).filter(line => line.includes(mark))).toEqual([])
    expect(await run('echo alive')).toMatchObject({ output: 'alive\n' })
  })

  test('can’t fill the machine’s memory or disk with one file', async () => {
    expect((await run('head -c 2000000000 /dev/zero > /tmp/big; rm /tmp/big')).output).toContain(
      'File size limit exceeded',
    )
    const three = 'for n in 1 2 3; do head -c 500000000 /dev/zero > /tmp/$n; done'
    expect((await run(three)).output).toContain('No space left')
    expect(await run('truncate -s 2G big; test -s big || echo held')).toMatchObject({
      output: expect.stringContaining('held'),
    })
  })

  test('that can’t be passed on is refused in words', async () => {
    expect(await box.run(order('echo \0'))).toEqual({ refused: expect.stringContaining('NUL') })
    expect(await box.run(order(`: ${'x'.repeat(200_000)}`))).toEqual({
      refused: expect.stringContaining('script file'),
    })
  })
})

test('without bubblewrap the reason is a sentence that can stand in a pull request', async () => {
  const none = await createBox({ directory: treesDir, hidden: [], path: '/nonexistent' })
  expect(await proveBox(none, treesDir)).toBe('bubblewrap is not installed')
})

test('a box with a hole is found out, and the hole is named', async () => {
  const holed: Box = {
    run: async order =>
      box.run({ ...order, command: order.command.replaceAll('touch /etc/crew-proof', 'touch /tmp/hole') }),
  }
  if (why === null)
    expect(await proveBox(holed, treesDir)).toBe('the sandbox does not hold on this machine: /etc can be written to')
})

const order = (command: string, timeoutSeconds = 30) => ({
  command,
  tree: place.tree,
  timeoutSeconds,
  signal: new AbortController().signal,
})

async function run(command: string, { timeoutSeconds = 30 } = {}) {
  const result = await box.run(order(command, timeoutSeconds))
  if ('refused' in result) throw new Error(result.refused)
  return result
}

/** A duration that no other `sleep` on the machine has. */
const mine = (): string => `3600.${randomBytes(4).readUInt32BE()}`

async function running(mark: string): Promise<string[]> {
  return (await processes()).filter(line => line.startsWith(`sleep ${mark}`))
}

function lineOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

async function processes(): Promise<string[]> {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map(id => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return lines.map(line => line.replaceAll('\0', ' '))
}
