import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { globProblem, matchesGlob, mayTouch } from '../src/domain/path-rules.js'

const name = fc.stringMatching(/^[a-c.]{1,3}$/).filter(segment => !/^\.+$/.test(segment))
const paths = fc.array(name, { minLength: 1, maxLength: 4 }).map(segments => segments.join('/'))
const globSegment = fc.oneof(name, fc.constant('**'), fc.stringMatching(/^[a-c.*?]{1,3}$/)).map(noDoubleStars)
const globs = fc
  .tuple(fc.array(globSegment, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '/'))
  .map(([segments, end]) => segments.join('/') + end)
  .filter(glob => globProblem(glob) === null)

function noDoubleStars(segment: string): string {
  return segment === '**' ? segment : segment.replaceAll('**', '*')
}

/** The rules of path-rules.ts once more, as a regular expression: slow for some globs, and plain to read. */
function asPattern(glob: string): RegExp {
  const segments = glob
    .replace(/^(\.\/)+/, '')
    .replace(/\/$/, '/**')
    .split('/')
  const source = segments.map((segment, index) => {
    const last = index === segments.length - 1
    if (segment === '**') return last ? '(?:[^/]+/)*[^/]+' : '(?:[^/]+/)*'
    const one = segment.replace(/[.]/g, '\\.').replaceAll('*', '[^/]*').replaceAll('?', '[^/]')
    return last ? one : `${one}/`
  })
  const wild = /[*?]/.test(segments.at(-1) ?? '')
  return new RegExp(`^${source.join('')}${wild ? '' : '(?:/.+)?'}$`, 's')
}

test('a glob names what the same rules name as a regular expression', () => {
  fc.assert(
    fc.property(paths, globs, (path, glob) => {
      expect([path, glob, matchesGlob(path, glob)]).toEqual([path, glob, asPattern(glob).test(path)])
    }),
    { numRuns: 5000 },
  )
})

test('no glob of a plan opens git’s own directory, in whatever case it is written', () => {
  const cased = fc.mixedCase(fc.constant('.git'))
  fc.assert(
    fc.property(fc.array(name), cased, fc.array(name), fc.array(globs), (before, git, after, plan) => {
      const path = [...before, git, ...after].join('/')
      expect(mayTouch(path, [...plan, '**', path], [])).not.toBe('yes')
    }),
  )
})

test('what the configuration protects stays shut to every wildcard, in whatever case', () => {
  fc.assert(
    fc.property(paths, fc.func(fc.boolean()), (path, upper) => {
      const shouted = [...path].map((letter, at) => (upper(at) ? letter.toUpperCase() : letter)).join('')
      expect(mayTouch(shouted, ['**'], [path])).not.toBe('yes')
    }),
  )
})

test('a path outside the plan stays outside, whatever else the plan names', () => {
  fc.assert(
    fc.property(paths, fc.array(globs), (path, plan) => {
      const named = plan.some(glob => asPattern(glob).test(path))
      expect(mayTouch(path, plan, [])).toBe(named ? 'yes' : 'outside')
    }),
  )
})
