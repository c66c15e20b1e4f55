import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { endpoints, neededPermissions } from '../src/github/endpoints.js'
import { handledEvents } from '../src/github/webhook-events.js'
import { readDescription } from '../src/practice/openapi/description.js'

const manifest = parse(readFileSync(new URL('../app.yml', import.meta.url), 'utf8')) as Record<string, unknown>

test('the manifest asks for exactly the permissions that the requests need', () => {
  expect(manifest['default_permissions']).toEqual(neededPermissions())
})

test('the manifest subscribes to exactly the events that are read', () => {
  expect(manifest['default_events']).toEqual(Object.keys(handledEvents))
})

test('every request is one that GitHub describes', () => {
  const { paths } = readDescription()
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`),
  )
  expect(Object.keys(endpoints).filter(route => !described.includes(route))).toEqual([])
})
