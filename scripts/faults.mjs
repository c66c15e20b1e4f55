// @ts-check
/**
 * What is killed, cut off and refused while it works, and goes on: the tests in test/faults, which take longer than the
 * rest of the suite may. `--sample` runs one file of them; everything else is passed on to jest.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const given = process.argv.slice(2)
const which = given.includes('--sample') ? 'test/faults/story-restart-kill' : 'test/faults/'
const jest = createRequire(import.meta.url).resolve('jest/bin/jest')
const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest]
const options = ['--testPathIgnorePatterns', '/node_modules/', '--testPathPatterns', which]
const { status } = spawnSync(process.execPath, [...args, ...options, ...given.filter(one => one !== '--sample')], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
