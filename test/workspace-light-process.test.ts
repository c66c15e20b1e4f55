import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { startProcess, type LightProcess } from '../src/workspace/light-process.js'
import { compileSources, type CompiledSources } from '../scripts/compile-sources.mjs'
import { eventually } from './support/eventually.js'

const shell = (script: string, more: { input?: string; env?: Record<string, string> } = {}): LightProcess =>
  startProcess({ program: '/bin/sh', args: ['-c', script], cwd: '/', env: {}, ...more })

async function ended(child: LightProcess): Promise<{ out: string; err: string; code: number | null; signal: unknown }> {
  const text = { out: '', err: '' }
  child.stdout.on('data', piece => (text.out += String(piece)))
  child.stderr.on('data', piece => (text.err += String(piece)))
  const [code, signal] = (await once(child, 'close')) as [number | null, unknown]
  return { ...text, code, signal }
}

describe('a program that is started by the small process', () => {
  test('gets its input and environment, and gives back both outputs and how it ended', async () => {
    const child = shell('cat; echo "$WORD" >&2; pwd; exit 3', { input: 'given\n', env: { WORD: 'alone' } })
    expect(await ended(child)).toEqual({ out: 'given\n/\n', err: 'alone\n', code: 3, signal: null })
  })

  test('has no environment but its own, and nothing on its input where nothing is given', async () => {
    expect((await ended(shell('cat; tr "\\0" "\\n" < /proc/self/environ'))).out).not.toMatch(/^(PATH|HOME|NODE_\w+)=/m)
  })

  test('gives all of a long output, many programs at once', async () => {
    const children = Array.from({ length: 8 }, (_, n) => ended(shell(`head -c ${1_000_000 + n} /dev/zero`)))
    expect((await Promise.all(children)).map(({ out }) => out.length)).toEqual(children.map((_, n) => 1_000_000 + n))
  })

  test('is held up where nobody reads what it writes, and ends when it is killed', async () => {
    const child = shell('exec yes')
    child.stderr.resume()
    await eventually(() => child.stdout.readableLength > 1_000_000)
    let before = -1
    await eventually(async () => {
      const now = child.stdout.readableLength
      const isHeldUp = now === before
      before = now
      await wait(200)
      return isHeldUp
    })
    child.kill('SIGKILL')
    child.stdout.resume()
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
  })

  test('that is not there is an error', async () => {
    const child = startProcess({ program: '/nowhere/git', args: [], cwd: '/', env: {} })
    expect(await once(child, 'error')).toEqual([expect.objectContaining({ message: expect.stringMatching(/ENOENT/) })])
  })
})

describe('the small process', () => {
  let compiled: CompiledSources
  beforeAll(async () => {
    compiled = await compileSources()
  })
  afterAll(() => compiled.remove())

  /** Another process of ours that has started `sleep`; prints the ids of the small process and of that. */
  async function sleeper(): Promise<{ parent: ReturnType<typeof spawn>; starter: number; sleep: number }> {
    const program = `
      const { startProcess } = await import(${JSON.stringify(compiled.path('src/workspace/light-process.js'))})
      const begin = () => {
        const child = startProcess({ program: '/bin/sh', args: ['-c', 'echo $PPID $$; exec sleep 300'], cwd: '/', env: {} })
        child.stderr.resume()
        child.stdout.on('data', piece => process.stdout.write(piece))
        child.on('error', error => { console.log(error.message); begin() })
      }
      begin()`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const [starter = 0, sleep = 0] = line.toString().trim().split(' ').map(Number)
    return { parent, starter, sleep }
  }

  test('takes what it started with it when the process above is killed', async () => {
    const { parent, starter, sleep } = await sleeper()
    parent.kill('SIGKILL')
    await eventually(() => ![starter, sleep].some(isThere))
  })

  test('is replaced when it dies, and whoever waited for a program is told', async () => {
    const { parent, starter, sleep } = await sleeper()
    const said = once(parent.stdout ?? process.stdin, 'data')
    process.kill(starter, 'SIGKILL')
    expect(String((await said)[0])).toMatch(/^the process that starts programs has ended/)
    process.kill(sleep, 'SIGKILL')
    parent.kill()
    await once(parent, 'exit')
  })
})

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
