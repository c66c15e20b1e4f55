import { describe, expect, test } from '@jest/globals'
import { repositoryMap } from '../src/team/repository-map.js'

describe('the map at the head of a brief', () => {
  test('shows a small repository whole, folders first', () => {
    expect(repositoryMap(['README.md', 'app/models.py', 'app/tests/test_models.py', 'manage.py'])).toBe(
      ['app/', '  tests/', '    test_models.py', '  models.py', 'README.md', 'manage.py'].join('\n'),
    )
  })

  test('folds far folders and keeps those on the way to what the task names', () => {
    const far = Array.from({ length: 300 }, (_, n) => `vendor/lib${n % 10}/file${n}.py`).sort()
    const map = repositoryMap(['app/api/views.py', 'app/models.py', ...far], { near: ['app/api/**'], lines: 40 })
    expect(map).toContain('lib0/ (30 files)')
    expect(map).toContain('    views.py')
    expect(map.split('\n').length).toBeLessThanOrEqual(40)
  })

  test('says how much is left out where even the folded tree is too long', () => {
    const flat = Array.from({ length: 100 }, (_, n) => `file${n}`)
    expect(repositoryMap(flat, { lines: 10 }).split('\n').at(-1)).toBe('… 90 more lines: use list_files')
  })
})
