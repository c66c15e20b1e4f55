import { describe, expect, test } from '@jest/globals'
import { allowances, textAnswers } from '../src/practice/openapi/allowances.js'
import { readDescription } from '../src/practice/openapi/description.js'
import { createOpenApiCheck } from '../src/practice/openapi/openapi-check.js'
import { relaxAnswers, relaxComponents } from '../src/practice/openapi/relax.js'

const check = createOpenApiCheck()
const sha = '0123456789abcdef0123456789abcdef01234567'
const url = 'http://127.0.0.1:3000/somewhere'

function problemsOf(method: string, path: string, body?: unknown, query: Record<string, string> = {}): string[] {
  return check.checkRequest({ method, path, query, body }).problems
}

describe('a request that GitHub would take passes', () => {
  const requests: [string, string, unknown?, Record<string, string>?][] = [
    ['GET', '/app'],
    ['POST', '/app/installations/1/access_tokens', { repositories: ['garden'], permissions: { contents: 'write' } }],
    ['POST', '/app/hook/deliveries/7/attempts', {}],
    ['GET', '/repos/o/garden/issues/1/comments', undefined, { per_page: '100', page: '2' }],
    ['POST', '/repos/o/garden/issues', { title: 'Seeds', labels: ['crew', { name: 'bug', color: null }] }],
    ['DELETE', '/repos/o/garden/issues/1/labels/good%20first%20issue'],
    [
      'POST',
      '/repos/o/garden/git/trees',
      { base_tree: sha, tree: [{ path: 'a', mode: '100644', type: 'blob', sha: null }] },
    ],
    ['PATCH', '/repos/o/garden/git/refs/heads%2Fcrew%2Fissue-1', { sha, force: false }],
    ['PATCH', '/repos/o/garden/check-runs/3', { status: 'completed', conclusion: 'success' }],
    [
      'POST',
      '/repos/o/garden/pulls/3/reviews',
      { commit_id: sha, event: 'COMMENT', comments: [{ path: 'a', line: 3, body: 'x' }] },
    ],
  ]
  for (const [method, path, body, query] of requests) {
    test(`${method} ${path}`, () => {
      expect(problemsOf(method, path, body, query)).toEqual([])
    })
  }
})

describe('a request that GitHub would not take, or silently misread, is told apart', () => {
  test('a path parameter of the wrong type', () => {
    expect(problemsOf('GET', '/repos/o/garden/issues/first')).toEqual([
      'GET /repos/{owner}/{repo}/issues/{issue_number}: path /issue_number must be integer, found "first"',
    ])
  })
  test('a query parameter that does not exist, or has the wrong type', () => {
    expect(problemsOf('GET', '/repos/o/garden/issues/1/comments', undefined, { per_page: 'all', sort: 'asc' })).toEqual(
      [
        'GET /repos/{owner}/{repo}/issues/{issue_number}/comments: query has an unknown property: sort',
        'GET /repos/{owner}/{repo}/issues/{issue_number}/comments: query /per_page must be integer, found "all"',
      ],
    )
  })
  test('a missing body, and a body where there must be none', () => {
    expect(problemsOf('POST', '/repos/o/garden/issues/1/comments')).toEqual([
      expect.stringContaining('the body is missing'),
    ])
    expect(problemsOf('DELETE', '/repos/o/garden/issues/comments/1', { really: true })).toEqual([
      expect.stringContaining('the body must be empty'),
    ])
  })
  test('unknown properties, however deep, though GitHub’s description forgets to forbid them', () => {
    const comments = [{ path: 'a', line: 3, body: 'x', colour: 'red' }]
    expect(problemsOf('POST', '/repos/o/garden/pulls/3/reviews', { comments, mood: 'good' })).toEqual([
      'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews: the body has an unknown property: mood',
      'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews: the body /comments/0 has an unknown property: colour',
    ])
  })
  test('alternatives: the one that was meant is explained', () => {
    expect(problemsOf('POST', '/repos/o/garden/issues', { title: {}, labels: [5, { name: 'bug', hue: 1 }] })).toEqual([
      'POST /repos/{owner}/{repo}/issues: the body /title must be string or integer, found {}',
      'POST /repos/{owner}/{repo}/issues: the body /labels/0 must be string or object, found 5',
      'POST /repos/{owner}/{repo}/issues: the body /labels/1 has an unknown property: hue',
    ])
    expect(problemsOf('PATCH', '/repos/o/garden/check-runs/3', { status: 'completed', mood: 'good' })).toEqual([
      'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}: the body lacks conclusion',
    ])
    expect(problemsOf('PATCH', '/repos/o/garden/check-runs/3', { status: 'queued', mood: 'good' })).toEqual([
      'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}: the body has an unknown property: mood',
    ])
  })
  test('a call outside the slice has no route, and is named', () => {
    expect(check.checkRequest({ method: 'PUT', path: '/repos/o/garden/pulls/3/merge', query: {}, body: {} })).toEqual({
      route: null,
      problems: [expect.stringMatching(/^PUT \/repos\/o\/garden\/pulls\/3\/merge is not in the slice/)],
    })
  })
})

test('a name with slashes finds its route, and the more particular route wins', () => {
  const route = (path: string) => check.checkRequest({ method: 'GET', path, query: {}, body: undefined }).route
  expect(route('/repos/o/garden/git/ref/heads%2Fcrew%2Fissue-1')).toBe('GET /repos/{owner}/{repo}/git/ref/{ref}')
  expect(route('/repos/o/garden/git/ref/heads/crew/issue-1')).toBe('GET /repos/{owner}/{repo}/git/ref/{ref}')
  expect(route('/repos/o/garden/commits/crew/issue-1')).toBe('GET /repos/{owner}/{repo}/commits/{ref}')
  expect(route('/repos/o/garden/commits/crew/issue-1/check-runs')).toBe(
    'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
  )
})

describe('an answer', () => {
  const answer = (method: string, path: string, status: number, body?: unknown) =>
    check.checkResponse({ method, path, status, body })

  test('passes with what is required, and with anything more', () => {
    const ref = { ref: 'refs/heads/main', node_id: 'R_1', url, object: { type: 'commit', sha, url }, extra: true }
    expect(answer('GET', '/repos/o/garden/git/ref/heads/main', 200, ref)).toEqual([])
    expect(answer('DELETE', '/repos/o/garden/issues/comments/1', 204)).toEqual([])
    expect(answer('GET', '/repos/o/garden/contents/README.md', 200, '# Garden')).toEqual([])
    expect(answer('GET', '/repos/o/garden/contents/README.md', 404, { message: 'Not Found' })).toEqual([])
    expect(answer('GET', '/repos/o/garden', 401, { message: 'Bad credentials' })).toEqual([])
  })
  test('fails for what is missing or of another type, through references and alternatives', () => {
    const ref = { ref: 'refs/heads/main', node_id: 'R_1', url: 'nowhere', object: { type: 'commit', sha } }
    expect(answer('GET', '/repos/o/garden/git/ref/heads/main', 200, ref)).toEqual([
      'GET /repos/{owner}/{repo}/git/ref/{ref} 200: the body /url must match format "uri", found "nowhere"',
      'GET /repos/{owner}/{repo}/git/ref/{ref} 200: the body /object lacks url',
    ])
    const file = {
      type: 'file',
      encoding: 'base64',
      size: 1,
      name: 'a',
      path: 'a',
      content: 3,
      sha,
      url,
      git_url: url,
      html_url: url,
      download_url: url,
      _links: { git: url, html: url, self: url },
    }
    expect(answer('GET', '/repos/o/garden/contents/a', 200, file)).toEqual([
      'GET /repos/{owner}/{repo}/contents/{path} 200: the body /content must be string, found 3',
    ])
    expect(answer('GET', '/repos/o/garden/contents/a', 206, file)).toHaveLength(1)
    expect(answer('GET', '/repos/o/garden', 401, {})).toHaveLength(1)
    expect(answer('PUT', '/repos/o/garden/pulls/3/merge', 200, {})).toEqual([
      expect.stringContaining('not in the slice'),
    ])
  })
  test('may hold null where GitHub itself sends it against its own description', () => {
    const problems = answer('GET', '/repos/o/garden/pulls/1/comments', 200, [
      { position: null, line: null, path: null },
    ])
    expect(problems.filter(problem => / \/0\//.test(problem))).toEqual([
      'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments 200: the body /0/path must be string, found null',
    ])
  })
  test('may leave out what the list of allowances names, and nothing else', () => {
    const person = {
      login: 'ada',
      id: 1,
      node_id: 'U_1',
      avatar_url: url,
      html_url: url,
      url,
      type: 'User',
      site_admin: false,
    }
    const reaction = { id: 1, node_id: 'R_1', content: 'eyes', created_at: '2026-01-02T03:04:05Z' }
    expect(answer('POST', '/repos/o/garden/issues/1/reactions', 201, { ...reaction, user: person })).toEqual([])
    const { login: _, ...nameless } = person
    expect(answer('POST', '/repos/o/garden/issues/1/reactions', 201, { ...reaction, user: nameless })).toEqual([
      'POST /repos/{owner}/{repo}/issues/{issue_number}/reactions 201: the body /user lacks login',
    ])
  })
})

describe('the list of allowances', () => {
  const description = readDescription()
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
  )

  test('names operations of the slice, and says why', () => {
    const named = [...allowances, ...textAnswers]
    expect(
      named
        .filter(one => one.operation !== '*')
        .map(one => one.operation)
        .filter(one => !operations.includes(one)),
    ).toEqual([])
    expect(named.filter(one => one.why.length < 10)).toEqual([])
  })
  test('can’t grow stale: an entry that allows nothing new is an error', () => {
    const relax = (field: string, may: 'be missing' | 'be null') => {
      const pointer = `#/components/schemas/simple-user/properties/${field}`
      return () => relaxComponents(description, [{ operation: '*', pointer, may, why: 'for the test' }])
    }
    expect(relax('shoe_size', 'be missing')).toThrow(
      'The allowance that #/components/schemas/simple-user/properties/shoe_size may be missing (*) allows nothing new: take it out',
    )
    expect(relax('starred_at', 'be missing')).toThrow('allows nothing new')
    expect(relax('gravatar_id', 'be null')).toThrow('allows nothing new')
  })
  test('reaches one field of one operation, through lists and references', () => {
    const operation = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files'
    const schemas = [{ type: 'string' }, { type: 'array', items: { $ref: '#/components/schemas/diff-entry' } }]
    const relax = (pointer: string, may: 'be missing' | 'be null') =>
      relaxAnswers({ description, operation, schemas, allowances: [{ operation, pointer, may, why: 'for the test' }] })
    expect(relax('/*/contents_url', 'be missing')[1]).toMatchObject({
      items: { required: expect.not.arrayContaining(['contents_url']) },
    })
    expect(relax('/*/changes', 'be null')[1]).toMatchObject({ items: { properties: { changes: { nullable: true } } } })
    expect(() => relax('/*/shoe_size', 'be missing')).toThrow('allows nothing new')
  })
})
