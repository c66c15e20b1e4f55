import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadExample, type Example } from '../src/cli/example.js'
import { readOutcome, type Outcome } from '../src/cli/outcome.js'
import type { AgentInput } from '../src/workflow/world.js'
import { canRunDjango, manage, runPython } from './support/debian-python.js'
import { beginStory, type Story } from './support/story.js'

describe("the seed's example, from a label to a reviewed pull request", () => {
  let example: Example
  let story: Story
  let issue: number
  let outcome: Outcome
  const git = (...args: string[]): string =>
    execFileSync('git', ['--git-dir', story.stage.repository.gitDir, ...args], { encoding: 'utf8' }).trim()

  beforeAll(async () => {
    example = await loadExample('authentication')
    story = await beginStory({
      transcripts: [example.transcript],
      from: { directory: example.start },
      repository: example.repository,
    })
    issue = await story.issue(example.issue)
    await story.label(issue)
    await story.phase(issue, 'waiting-for-approval')
    await story.comment(issue, '/approve')
    const end = await story.end(issue)
    outcome = await readOutcome(story.stage, { issueNumber: issue, login: 'grace', end })
  })
  afterAll(() => story.stop())

  test('the plan has the four tasks and agents of the seed, in its order and under its headings', async () => {
    expect(outcome.plan?.tasks.map(task => task.agent)).toEqual([
      'django-orm-expert',
      'django-backend-expert',
      'django-api-developer',
      'code-reviewer',
    ])
    const [plan] = await story.plans(issue)
    const headings = [...(plan?.body ?? '').matchAll(/^### (.+)$/gm)].map(match => match[1])
    expect(headings.slice(0, 5)).toEqual([
      'Task Analysis',
      'SubAgent Assignments',
      'Execution Order',
      'Available Agents for This Project',
      'Instructions to Main Agent',
    ])
    expect(plan?.body).toContain('Shall I proceed?')
    expect(plan?.body).toContain(outcome.plan?.id)
    expect(plan?.body).toMatch(/\*\*Sequential\*\*.*Task 1 → Task 2 → Task 3 → Task 4/)
  })

  test('each task is one commit of the App, in plan order, with its trailers, and only its own files', () => {
    const log = git('log', '--reverse', '--format=%H%x1f%P%x1f%an%x1f%B%x1e', `main..${outcome.branch}`)
      .split('\x1e')
      .filter(Boolean)
    expect(log).toHaveLength(3)
    let parent = git('rev-parse', 'main')
    for (const [index, entry] of log.entries()) {
      const [sha, parents, author, message] = entry.trim().split('\x1f')
      const task = outcome.plan?.tasks[index]
      expect(parents).toBe(parent)
      expect(author).toBe('issue-crew[bot]')
      expect(message).toContain(`Crew-Plan: ${outcome.plan?.id}`)
      expect(message).toContain(`Crew-Task: ${index + 1}/4`)
      expect(message).toContain(`Crew-Agent: ${task?.agent}`)
      expect(message).toMatch(/^Crew-Run: \S+$/m)
      expect(message).toMatch(/^Approved-by: .*grace/m)
      parent = sha ?? ''
    }
    expect(outcome.commits.map(commit => commit.task)).toEqual(['1/4', '2/4', '3/4'])
    expect(outcome.commits[0]?.files).toContain('accounts/models.py')
    expect(outcome.commits[2]?.files).toContain('accounts/api/views.py')
    expect(git('fsck', '--strict', '--no-dangling')).toBe('')
    expect(git('ls-tree', '-r', '--name-only', outcome.branch ?? '')).not.toMatch(/__pycache__|\.pyc|sqlite3/)
  })

  test('what one specialist leaves is in the brief of the next', async () => {
    const agents = await story.stage.crew.engine.list('agent:')
    const briefs = agents.map(agent => (agent.input as AgentInput).work).filter(work => work.title.startsWith('task'))
    const brief = (task: number): string => briefs.find(work => work.title === `task ${task}`)?.brief ?? ''
    expect(brief(1)).not.toContain('<handoff>')
    expect(brief(2)).toContain('accounts/models.py')
    expect(brief(2)).toContain('Next specialist needs')
    expect(brief(3)).toContain('accounts/services.py')
  })

  test('the reviewer is told what to mind: what the seed’s reviewer was told, and what else has changed', async () => {
    const agents = await story.stage.crew.engine.list('agent:')
    const works = agents.map(agent => (agent.input as AgentInput).work)
    const brief = works.find(work => work.title === 'review')?.brief ?? ''
    expect(brief).toMatch(/^- Authentication and access: auth bypass, token handling .*, injection, rate limiting/m)
    expect(brief).toMatch(/^- Migrations: locks .*\(accounts\/migrations\/0001_custom_user\.py/m)
    expect(brief).toMatch(/^- config\/settings\.py modified \+\d+ -\d+, tasks 1, 2 and 3$/m)
  })

  test('the pull request is ready, closes the issue and nothing else, and lists what git says', () => {
    const { pullRequest } = outcome
    expect(pullRequest?.draft).toBe(false)
    expect(pullRequest?.body.match(/\b(clos|fix|resolv)\w* #\d+/gi)).toEqual([`Closes #${issue}`])
    for (const commit of outcome.commits) for (const file of commit.files) expect(pullRequest?.body).toContain(file)
    expect(pullRequest?.body.match(/^- \[ \] .*$/gm)).toEqual([
      '- [ ] 1. Add failed login attempt tracking',
      '- [ ] 2. Add audit logging for auth events',
      '- [ ] 3. Consider adding TOTP/2FA support as future enhancement',
    ])
    for (const file of ['config/settings.py', 'templates/emails/welcome.txt'])
      expect(pullRequest?.body).toMatch(new RegExp(`^- \`${file}\``, 'm'))
  })

  test('the pull request says that the brief’s `/auth/…` became `/api/auth/…`', () => {
    const { body = '' } = outcome.pullRequest ?? {}
    const lines = /\*\*Asked for, not found under that name\*\*\n((?:- .*\n)+)/.exec(body)?.[1]
    expect(lines?.trim().split('\n')).toEqual(
      ['register', 'login', 'refresh', 'logout', 'password-reset', 'password-reset/confirm'].map(
        name => `- Task 3: \`/auth/${name}\`; nearest is \`/api/auth/${name}/\``,
      ),
    )
  })

  test('the review is one, pinned to the last commit, with findings on their lines', async () => {
    const { rest } = story.stage.as('grace')
    const where = { owner: 'acme', repo: 'storefront', pull_number: outcome.pullRequest?.number ?? 0 }
    const { data: reviews } = await rest.pulls.listReviews(where)
    expect(reviews.map(review => [review.state, review.commit_id])).toEqual([
      ['COMMENTED', git('rev-parse', outcome.branch ?? '')],
    ])
    for (const part of [
      'Executive Summary',
      'Overall Assessment',
      'Security Score',
      'Positive Highlights',
      'Action Checklist',
    ])
      expect(outcome.review?.body).toContain(part)
    expect(outcome.review?.verdict).toBe('Good')
    expect(outcome.review?.comments.length).toBeGreaterThanOrEqual(2)
    const services = git('show', `${outcome.branch}:accounts/services.py`).split('\n')
    for (const comment of outcome.review?.comments ?? []) {
      expect(comment.path).toBe('accounts/services.py')
      expect(services[(comment.line ?? 0) - 1]).toBeDefined()
    }
  })

  test('every request fits GitHub’s own description, and there are few of them', () => {
    expect(story.stage.github.violations).toEqual([])
    expect(outcome.githubRequests.total).toBeLessThanOrEqual(40)
    expect(outcome.githubRequests.contentCreating).toBeLessThanOrEqual(10)
    expect(story.logged.filter(line => line.includes('"level":50'))).toEqual([])
  })

  test('every model call is counted, and the later turns of a loop are read from the cache', () => {
    const requests = story.model.stats().requests
    expect(outcome.cost.calls).toBe(requests.length)
    expect(outcome.cost.outputTokens).toBe(requests.reduce((sum, request) => sum + request.outputTokens, 0))
    expect(outcome.cost.cacheReadTokens).toBeGreaterThan(0)
    expect(outcome.cost.usd).toBeGreaterThan(0)
  })

  test('the issue has one status comment and one plan, and the label is acknowledged', async () => {
    const own = (await story.comments(issue)).filter(comment => comment.author === 'issue-crew[bot]')
    expect(own).toHaveLength(2)
    expect(await story.status(issue)).toContain(`pull request ${outcome.pullRequest?.number}`)
    const { data } = await story.stage
      .as('grace')
      .rest.reactions.listForIssue({ owner: 'acme', repo: 'storefront', issue_number: issue })
    expect(data.map(reaction => reaction.content)).toEqual(['eyes'])
  })

  const withDjango = canRunDjango() ? test : test.skip
  withDjango(
    'the branch is a working Django project: migrations, its own tests, and six endpoints over HTTP',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'crew-branch-'))
      try {
        execFileSync('git', [
          'clone',
          '--quiet',
          '--branch',
          outcome.branch ?? '',
          story.stage.repository.gitDir,
          folder,
        ])
        manage(folder, 'makemigrations', { flags: ['--check', '--dry-run'] })
        manage(folder, 'test')
        const drive = new URL('../src/practice/examples/authentication/verify/drive_endpoints.py', import.meta.url)
        runPython([drive.pathname, folder])
        expect(await readFile(join(folder, 'accounts/api/urls.py'), 'utf8')).toContain('password-reset')
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    180_000,
  )
})
