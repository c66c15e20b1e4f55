import { describe, expect, test } from '@jest/globals'
import { namesNotFound, type Outcome } from '../src/domain/asked-names.js'
import type { PlanTask } from '../src/domain/plan.js'
import type { Report } from '../src/domain/report.js'

const task = (brief: string, doneWhen = 'its tests pass'): PlanTask => ({
  number: 3,
  title: 'Create auth API endpoints',
  agent: 'django-api-developer',
  paths: ['accounts/api/**'],
  doneWhen,
  brief,
  dependsOn: [],
  kind: 'work',
})

const report = (items: string[], needs: string[] = []): Report => ({
  title: 'Auth API Endpoints',
  sections: [{ heading: 'Endpoints Created', items }],
  files: [],
  checks: [],
  nextSpecialistNeeds: needs,
  notDone: [],
})

const nothing: Outcome = { reports: [], texts: [], paths: [] }
const unfound = (brief: string, made: Partial<Outcome> = {}): string[] =>
  namesNotFound([task(brief)], { ...nothing, ...made }).map(({ name, nearest }) => `${name} → ${nearest}`)

describe('what was asked for by another name', () => {
  test('is the seed’s: the brief asks for `/auth/…`, the report says `/api/auth/…/`', () => {
    const asked = `Create DRF API endpoints for authentication using:
- AuthService at accounts/services.py
- Endpoints needed: POST /auth/register, POST /auth/login,
  POST /auth/refresh, POST /auth/logout,
  POST /auth/password-reset, POST /auth/password-reset/confirm`
    const says = report([
      'POST /api/auth/register/ → RegisterSerializer → 201 Created',
      'POST /api/auth/login/ → LoginSerializer → 200 OK with tokens',
      'POST /api/auth/refresh/ → RefreshSerializer → 200 OK with new tokens',
      'POST /api/auth/logout/ → 204 No Content (revokes refresh token)',
      'POST /api/auth/password-reset/ → 200 OK (sends reset email)',
      'POST /api/auth/password-reset/confirm/ → 200 OK (resets password)',
    ])
    const texts = ['path("api/auth/", include("accounts.api.urls")),', 'path("register/", RegisterView.as_view()),']
    const paths = ['accounts/services.py', 'accounts/api/urls.py']
    expect(unfound(asked, { reports: [says], texts, paths })).toEqual([
      '/auth/register → /api/auth/register/',
      '/auth/login → /api/auth/login/',
      '/auth/refresh → /api/auth/refresh/',
      '/auth/logout → /api/auth/logout/',
      '/auth/password-reset → /api/auth/password-reset/',
      '/auth/password-reset/confirm → /api/auth/password-reset/confirm/',
    ])
    expect(unfound('All endpoints live under `/auth/*`.', { reports: [says] })).toEqual([
      '/auth/* → /api/auth/register/',
    ])
  })

  test.each<[string, string, Partial<Outcome>, string[]]>([
    [
      'words joined otherwise',
      'Add `/users/password-reset`.',
      { texts: ["app.post('/users/password_reset', reset)"] },
      ['/users/password-reset → /users/password_reset'],
    ],
    ['a route that nothing knows', 'Add POST /orders/refund.', { texts: ['x'] }, ['/orders/refund → null']],
    [
      'a file elsewhere',
      'Write accounts/urls.py.',
      { paths: ['accounts/api/urls.py'] },
      ['accounts/urls.py → accounts/api/urls.py'],
    ],
    ['a file that nobody wrote', 'Write `docs/auth.md`.', {}, ['docs/auth.md → null']],
  ])('%s', (_, asked, made, expected) => {
    expect(unfound(asked, made)).toEqual(expected)
  })
})

describe('what is not said to be missing', () => {
  test.each<[string, string, Partial<Outcome>]>([
    ['the very route', 'Add POST /auth/login.', { texts: ['fetch("/auth/login/")'] }],
    ['behind an address', 'Add POST /auth/login.', { texts: ['curl http://localhost:8000/auth/login'] }],
    ['behind a base that is put in', 'Add POST /auth/login.', { texts: ['fetch(`${base}/auth/login`)'] }],
    ['in the report only', 'Add POST /auth/login.', { reports: [report([], ['See POST /auth/login'])] }],
    ['a parameter by any name', 'Add GET /users/:id/orders.', { texts: ["get('/users/{userId}/orders')"] }],
    ['put together from parts', 'Add GET /users/orders.', { texts: ["router.get('/orders', list)"] }],
    ['a module of that path', 'Add `/auth/login`.', { texts: ["import { login } from './auth/login'"] }],
    ['below what is asked for', 'All under `/auth/*`.', { texts: ["post('/auth/login')"] }],
    ['what is to go', 'Remove POST /v1/login and drop `lib/old.py`.', {}],
    ['what is there and stays', 'GET /products still answers 200; see `catalog/old_views.py`.', {}],
    ['what may be', 'For example `docs/auth.md`, if needed.', {}],
    ['an existing file by its end', 'Mount it in api/urls.py.', { paths: ['accounts/api/urls.py'] }],
    ['no route: a choice', 'Support login and/or signup, read/write.', {}],
    ['no route: a place on the machine', 'Log to `/var/log/shop`.', {}],
    ['no route: a command', 'Answer `/approve` at once.', {}],
    ['no file: names with dots', 'Use Node.js/Express.js and application/vnd.api+json.', {}],
    ['identifiers, which may be anything', 'Use `transaction.atomic` and `AuthService`.', {}],
  ])('%s', (_, asked, made) => {
    expect(unfound(asked, made)).toEqual([])
  })
})
