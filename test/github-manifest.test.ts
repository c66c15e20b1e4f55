import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { endpoints, neededPermissions, steps } from '../src/github/endpoints.js'
import { alwaysSent, handledEvents } from '../src/github/webhook-events.js'
import { readDescription } from '../src/practice/openapi/description.js'

const manifest = parse(readFileSync(new URL('../app.yml', import.meta.url), 'utf8')) as Record<string, unknown>

test('the manifest asks for exactly the permissions that the requests need', () => {
  expect(manifest['default_permissions']).toEqual(neededPermissions())
})

test('the manifest subscribes to exactly the events that are read', () => {
  expect(manifest['default_events']).toEqual(Object.keys(handledEvents).filter(name => !alwaysSent.includes(name)))
})

test('every request is one that GitHub describes', () => {
  const { paths } = readDescription()
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`),
  )
  expect(Object.keys(endpoints).filter(route => !described.includes(route))).toEqual([])
})

test('the token of each step has what its requests need, and no more than all of them together', () => {
  const reaches = (level: string | undefined, needed: string): boolean => level === needed || level === 'write'
  for (const [route, { as, needs }] of Object.entries(endpoints)) {
    if (as === 'app') continue
    // GitHub gives every token the permission to read metadata.
    const granted: Record<string, string> = { metadata: 'read', ...steps[as] }
    const lacks = Object.entries(needs).filter(([scope, needed]) => !reaches(granted[scope], needed))
    expect({ route, lacks }).toEqual({ route, lacks: [] })
  }
  expect(Object.entries(steps.talk).filter(([, level]) => level !== 'read')).toEqual([['issues', 'write']])
})
