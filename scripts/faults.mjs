// @ts-check
/**
 * What is killed, cut off and refused while it works, and goes on: the tests in test/faults, and the matrix of faults in
 * test/support/matrix. Both take longer than the suite may.
 *
 *   npm run faults                          all of it
 *   npm run faults -- --sample              an evenly spread part of the matrix, as in CI
 *   npm run faults -- --only 'kill/before'  the cases of the matrix with that in their names; may be given more than once
 *   npm run faults -- --apart               each case in a run of its own, where usually several go wrong one after the other
 *   npm run faults -- --list                says the cases' names and runs none
 *   npm run faults -- --json FILE           writes what came of the cases, too
 *   npm run faults -- --lanes N             so many cases at once; as many as there are processors unless told
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { compileSources } from './compile-sources.mjs'

const given = process.argv.slice(2)
const isPart = ['--sample', '--only', '--list'].some(option => given.includes(option))
const statuses = [isPart ? 0 : runTests(), await runMatrix()]
process.exit(statuses.every(status => status === 0) ? 0 : 1)

function runTests() {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest')
  const options = ['--testPathIgnorePatterns', '/node_modules/', '--testPathPatterns', 'test/faults/']
  return run(['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest, ...options])
}

async function runMatrix() {
  const sources = await compileSources()
  try {
    return run([sources.path('test/support/matrix/matrix.js'), ...given])
  } finally {
    await sources.remove()
  }
}

/** @param {string[]} args */
function run(args) {
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
}
