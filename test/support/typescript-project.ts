import { spawnSync } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How `npm test` of a project ended: its status, how many tests passed, the titles of those that failed. */
export interface TestRun {
  status: number | null
  passed: number
  failed: string[]
}

/**
 * Runs `npm test` of a project that tests with node's own runner, and in which nothing is installed: the packages of
 * this project are linked into it. Throws what it printed when no test ran, as when it doesn't compile.
 */
export function npmTest(project: string): TestRun {
  const linked = join(project, 'node_modules')
  if (!existsSync(linked)) symlinkSync(packages, linked)
  const { status, stdout, stderr } = spawnSync('npm', ['test'], {
    cwd: project,
    encoding: 'utf8',
    // Without NODE_OPTIONS, which are meant for the tests that call this.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', npm_config_update_notifier: 'false' },
    timeout: 150_000,
  })
  // Node 20 prints TAP where there is no terminal, later ones what they print on it.
  const passed = /^(?:#|ℹ) pass (\d+)$/m.exec(stdout)?.[1]
  if (passed === undefined) throw new Error(`npm test in ${project} ended with ${status}:\n${stdout}${stderr}`)
  const failed = [...stdout.matchAll(/^(?:not ok \d+ - (.+)|✖ (.+) \([\d.]+ms\))$/gm)]
  return { status, passed: Number(passed), failed: [...new Set(failed.map(([, tap, shown]) => tap ?? shown ?? ''))] }
}

const packages = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'node_modules')
