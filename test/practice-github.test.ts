import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { openSetting, refusal, writeFiles, type Setting } from './support/practice-github-setting.js'

let setting: Setting
let installationId: number
const shop = { owner: 'acme', repo: 'shop' }

beforeAll(async () => {
  setting = await openSetting()
  const { github } = setting
  github.createOrganization('acme')
  const directory = await writeFiles(`${setting.directory}/shop`, { 'README.md': '# Shop\n', 'src/a.py': 'a = 1\n' })
  const created = await github.createRepository({ owner: 'acme', name: 'shop', from: { directory }, private: true })
  installationId = created.installationId
  await github.createRepository({ owner: 'acme', name: 'other', from: { directory } })
  await github.createRepository({ owner: 'acme', name: 'void', from: null })
  await github.createRepository({ owner: 'acme', name: 'museum', from: { directory }, archived: true })
  await github.createRepository({ owner: 'zoe', name: 'private', from: { directory }, private: true, install: null })
})

afterAll(async () => {
  const { violations } = setting.github
  await setting.close()
  expect(violations).toEqual([])
})

test('the App finds itself, its installation and the repositories that it reaches', async () => {
  const app = setting.asApp()
  expect((await app.rest.apps.getAuthenticated()).data).toMatchObject({ slug: 'issue-crew' })
  expect((await app.rest.apps.getRepoInstallation(shop)).data.id).toBe(installationId)
  expect(await app.paginate(app.rest.apps.listInstallations)).toMatchObject([{ id: installationId }])
  const installation = await setting.asInstallation(installationId)
  const repositories = await installation.paginate(installation.rest.apps.listReposAccessibleToInstallation)
  expect(repositories.map(each => each.full_name)).toEqual(['acme/shop', 'acme/other', 'acme/void', 'acme/museum'])
})

test.each([
  [
    'that has expired',
    { exp: Math.floor(Date.now() / 1000) - 5 },
    401,
    /must be a numeric value representing the future/,
  ],
  ['that lives longer than ten minutes', { exp: Math.floor(Date.now() / 1000) + 3600 }, 401, /too far in the future/],
  ['without a time of issue', { iat: undefined }, 401, /'Issued at' claim/],
  ['of another App', { iss: 999_999 }, 404, /Integration not found/],
])('a token of the App %s is refused', async (_, claims, status, message) => {
  const refused = await refusal(setting.asApp(claims).rest.apps.getAuthenticated())
  expect(refused).toMatchObject({ status, message: expect.stringMatching(message) })
})

test('a token signed with another key is refused', async () => {
  const stranger = await openSetting()
  try {
    const token = await stranger.asApp({ iss: setting.github.app.id }).auth()
    const foreign = setting.octokit((token as { token: string }).token)
    expect(await refusal(foreign.rest.apps.getAuthenticated())).toMatchObject({
      status: 401,
      message: 'A JSON web token could not be decoded',
    })
  } finally {
    await stranger.close()
  }
})

test('a token that nobody was given is refused', async () => {
  const refused = await refusal(setting.octokit('ghs_made_up').rest.repos.get(shop))
  expect(refused).toMatchObject({ status: 401, message: 'Bad credentials' })
})

test('an installation token may do what its permissions say and no more', async () => {
  const reader = await setting.asInstallation(installationId, { permissions: { issues: 'read', contents: 'read' } })
  expect((await reader.rest.repos.getContent({ ...shop, path: 'src' })).data).toMatchObject([{ path: 'src/a.py' }])
  const refused = { status: 403, message: 'Resource not accessible by integration' }
  expect(await refusal(reader.rest.issues.create({ ...shop, title: 'Hello' }))).toMatchObject(refused)
  expect(await refusal(reader.rest.pulls.list(shop))).toMatchObject(refused)
})

test('a token cannot be given more than the installation has', async () => {
  const wish = { installation_id: installationId, permissions: { workflows: 'write' as const } }
  expect(await refusal(setting.asApp().rest.apps.createInstallationAccessToken(wish))).toMatchObject({ status: 422 })
})

test('a token narrowed to one repository does not see another private one', async () => {
  const narrow = await setting.asInstallation(installationId, { repositories: ['other'] })
  expect(await refusal(narrow.rest.repos.get(shop))).toMatchObject({ status: 404, message: 'Not Found' })
  expect((await narrow.rest.repos.get({ owner: 'acme', repo: 'other' })).data.full_name).toBe('acme/other')
})

test('a private repository without the App is not there for it', async () => {
  const app = await setting.asInstallation(installationId)
  expect(await refusal(app.rest.repos.get({ owner: 'zoe', repo: 'private' }))).toMatchObject({ status: 404 })
  const asked = setting.asApp().rest.apps.getRepoInstallation({ owner: 'zoe', repo: 'private' })
  expect(await refusal(asked)).toMatchObject({ status: 404 })
})

test('an App that is suspended or uninstalled has no say any more', async () => {
  const directory = await writeFiles(`${setting.directory}/brief`, { a: 'a\n' })
  const { github } = setting
  const created = await github.createRepository({ owner: 'yan', name: 'brief', from: { directory }, private: true })
  const repository = { owner: 'yan', repo: 'brief' }
  const app = await setting.asInstallation(created.installationId)
  github.suspend(created.installationId, true)
  expect(await refusal(app.rest.repos.get(repository))).toMatchObject({ status: 403 })
  expect(await refusal(setting.asInstallation(created.installationId))).toMatchObject({ status: 403 })
  github.suspend(created.installationId, false)
  expect((await app.rest.repos.get(repository)).status).toBe(200)
  github.uninstall(created.installationId)
  expect(await refusal(app.rest.repos.get(repository))).toMatchObject({ status: 401, message: 'Bad credentials' })
  expect(await refusal(setting.asInstallation(created.installationId))).toMatchObject({ status: 404 })
})

test('what a person may do is told in the old four words and as a role', async () => {
  const { github } = setting
  const app = await setting.asInstallation(installationId)
  for (const [role, permission] of [
    ['admin', 'admin'],
    ['maintain', 'write'],
    ['write', 'write'],
    ['triage', 'read'],
    ['read', 'read'],
    ['none', 'none'],
  ] as const) {
    github.createUser(`${role}-person`)
    github.setPermission('acme/shop', `${role}-person`, role)
    const { data } = await app.rest.repos.getCollaboratorPermissionLevel({ ...shop, username: `${role}-person` })
    expect([data.permission, data.role_name]).toEqual([permission, role])
  }
  const nobody = app.rest.repos.getCollaboratorPermissionLevel({ ...shop, username: 'who-is-this' })
  expect(await refusal(nobody)).toMatchObject({ status: 404 })
})

test('people write to a repository only as far as their role reaches', async () => {
  const { github } = setting
  const reader = setting.octokit(github.createUser('reader').token)
  expect(await refusal(reader.rest.repos.get(shop))).toMatchObject({ status: 404 })
  github.setPermission('acme/shop', 'reader', 'read')
  const { data: issue } = await reader.rest.issues.create({ ...shop, title: 'It breaks', labels: ['bug'] })
  expect(issue.labels).toEqual([])
  const labelling = reader.rest.issues.addLabels({ ...shop, issue_number: issue.number, labels: ['bug'] })
  expect(await refusal(labelling)).toMatchObject({ status: 403 })
  github.setPermission('acme/shop', 'reader', 'triage')
  const labelled = await reader.rest.issues.addLabels({
    ...shop,
    issue_number: issue.number,
    labels: ['bug', 'new one'],
  })
  expect(labelled.data.map(label => label.name)).toEqual(['bug', 'new one'])
})

test('an archived repository can be read and not written', async () => {
  const app = await setting.asInstallation(installationId)
  const museum = { owner: 'acme', repo: 'museum' }
  expect((await app.rest.repos.get(museum)).data.archived).toBe(true)
  expect(await refusal(app.rest.issues.create({ ...museum, title: 'No' }))).toMatchObject({
    status: 403,
    message: 'Repository was archived so is read-only.',
  })
})

test('an empty repository has no git data, no branch and no contents', async () => {
  const app = await setting.asInstallation(installationId)
  const empty = { owner: 'acme', repo: 'void' }
  const conflict = { status: 409, message: 'Git Repository is empty.' }
  expect(await refusal(app.rest.git.getRef({ ...empty, ref: 'heads/main' }))).toMatchObject(conflict)
  expect(await refusal(app.rest.git.createTree({ ...empty, tree: [] }))).toMatchObject(conflict)
  expect(await refusal(app.rest.repos.listCommits(empty))).toMatchObject(conflict)
  expect(await refusal(app.rest.repos.getBranch({ ...empty, branch: 'main' }))).toMatchObject({ status: 404 })
  expect(await refusal(app.rest.repos.getContent({ ...empty, path: 'a' }))).toMatchObject({
    status: 404,
    message: 'This repository is empty.',
  })
})

test('the secondary limit on content is enforced where it is asked for, and says when to come back', async () => {
  const strict = await openSetting({ rateLimits: { contentPerMinute: 2 } })
  try {
    const { installationId: id } = await strict.github.createRepository({ owner: 'zed', name: 'z', from: null })
    const app = await strict.asInstallation(id)
    const issue = { owner: 'zed', repo: 'z', title: 'One' }
    await app.rest.issues.create(issue)
    await app.rest.issues.create(issue)
    const refused = await refusal(app.rest.issues.create(issue))
    expect(refused).toMatchObject({ status: 403, message: expect.stringContaining('secondary rate limit') })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await app.rest.issues.get({ owner: 'zed', repo: 'z', issue_number: 1 })).headers).toMatchObject({
      'x-ratelimit-limit': '5000',
    })
    expect(strict.github.requests.filter(each => each.contentCreating)).toHaveLength(3)
  } finally {
    await strict.close()
  }
})

test.each([
  ['points', { pointsPerMinute: 6, secondaryStatus: 429 as const }, 429, 60],
  ['content of an hour', { contentPerHour: 2, timesAsFast: 360 }, 403, 10],
])(
  'the limit on %s is enforced where it is asked for, and time can go faster',
  async (_, rateLimits, status, longest) => {
    const strict = await openSetting({ rateLimits })
    try {
      const { installationId: id } = await strict.github.createRepository({ owner: 'zed', name: 'z', from: null })
      const app = await strict.asInstallation(id)
      const issue = { owner: 'zed', repo: 'z', title: 'One' }
      await app.rest.issues.create(issue)
      if (status === 403) await app.rest.issues.create(issue)
      const refused = await refusal(app.rest.issues.create(issue))
      expect(refused).toMatchObject({ status, message: expect.stringContaining('secondary rate limit') })
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(longest)
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1)
    } finally {
      await strict.close()
    }
  },
)

test('faults can be ordered: an answer, no answer, and an answer that is lost', async () => {
  const { github } = setting
  const app = await setting.asInstallation(installationId)
  const route = '/repos/{owner}/{repo}/issues'
  github.fail({ method: 'POST', route, answer: { status: 502, body: { message: 'Bad Gateway' } }, times: 1 })
  expect(await refusal(app.rest.issues.create({ ...shop, title: 'Refused' }))).toMatchObject({ status: 502 })

  const end = github.fail({ method: 'POST', route, answer: 'hang' })
  const signal = AbortSignal.timeout(100)
  await expect(app.rest.issues.create({ ...shop, title: 'Hung', request: { signal } })).rejects.toThrow()
  end()

  github.fail({ method: 'POST', route, answer: 'cut', times: 1 })
  await expect(app.rest.issues.create({ ...shop, title: 'Carried out all the same' })).rejects.toThrow()
  const owner = setting.octokit(github.createUser('owner').token)
  github.setPermission('acme/shop', 'owner', 'admin')
  const { data: issues } = await owner.rest.issues.listForRepo(shop)
  expect(issues.map(each => each.title)).toContain('Carried out all the same')
  expect(issues.map(each => each.title)).not.toContain('Refused')
  expect(issues.map(each => each.title)).not.toContain('Hung')
})
