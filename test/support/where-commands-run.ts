import { describe, test } from '@jest/globals'
import { findProgram } from '../../src/workspace/find-program.js'

/**
 * `describe` and `test` for stories whose specialists run commands: where bubblewrap is not installed they are left out, and
 * that is said.
 */
const left = findProgram('bwrap', process.env['PATH'] ?? '') === null

export const describeWhereCommandsRun: (name: string, tell: () => void) => void = (name, tell) =>
  left ? leaveOut(name, describe.skip, tell) : describe(name, tell)

export const testWhereCommandsRun: (name: string, tell: () => Promise<void>) => void = (name, tell) =>
  left ? leaveOut(name, test.skip, tell) : test(name, tell)

function leaveOut<Tell>(name: string, skip: (name: string, tell: Tell) => void, tell: Tell): void {
  console.warn(`\n*** bubblewrap is not installed: “${name}” was not run ***\n`)
  skip(name, tell)
}
