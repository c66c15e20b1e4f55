import { expect, test } from '@jest/globals'
import { readable } from '../src/cli/narrate.js'

test('what stands on two lines of a table’s cell stays apart at the terminal', () => {
  const row = '| 1. Greet louder<br><sub>`sh test.sh` passes</sub> | backend-developer |'
  expect(readable(row)).toBe('| 1. Greet louder — `sh test.sh` passes | backend-developer |')
})
