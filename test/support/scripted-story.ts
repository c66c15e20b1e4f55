import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StageOptions } from '../../src/cli/practice-stage.js'
import { eventually } from './eventually.js'
import { writeTranscript, type Script } from './script.js'
import { beginStory, type Story } from './story.js'

/** A story on the small greeter of test/fixtures, whose model follows scripts. */
export interface ScriptedStory extends Story {
  /** Opens the script's issue, puts the label on, approves the plan. Returns the issue's number. */
  approved(title: string): Promise<number>
  /** As {@link approved}, up to the plan. */
  planned(title: string): Promise<number>
  /** Runs git on the practice GitHub's repository. */
  git(...args: string[]): string
  /** The newest branch of the crew's for an issue. */
  branch(issue: number): string
  /** The crew's commits for an issue, oldest first. */
  commits(issue: number): { sha: string; parents: string; task: string; files: string[]; diff: string }[]
  tree(issue: number): string
  /** A file of the issue's branch. */
  file(issue: number, path: string): string
  /** Commits on a branch as somebody else would, without the App's knowing. */
  pushAsOther(branch: string, files: Record<string, string>): void
  pullRequests(issue: number): Promise<{ number: number; draft: boolean; body: string; head: string }[]>
  reviews(
    pull: number,
  ): Promise<{ body: string; commit: string | null; comments: { path: string; line: number; body: string }[] }[]>
  /** The row of the status comment's table that a task has. */
  row(issue: number, task: number): Promise<string>
  /** Waits for the status comment to say something. */
  statusSays(issue: number, words: string): Promise<string>
}

const greeter = fileURLToPath(new URL('../fixtures/greeter', import.meta.url))

/** The greeter, with further files where a story needs them. What `transcripts` say comes before what the scripts do. */
export async function beginScriptedStory(
  scripts: Script[],
  further: Record<string, string> = {},
  transcripts: string[] = [],
  setting: Partial<
    Pick<StageOptions, 'webhookSecret' | 'limits' | 'setup' | 'writeSpacingMs' | 'rateLimits' | 'budgets'>
  > = {},
): Promise<ScriptedStory> {
  const folder = await mkdtemp(join(tmpdir(), 'crew-script-'))
  const transcript = join(folder, 'transcript.yaml')
  if (scripts.length > 0) await writeTranscript(transcript, scripts)
  const directory = join(folder, 'greeter')
  await cp(greeter, directory, { recursive: true })
  for (const [path, text] of Object.entries(further)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  const story = await beginStory({
    transcripts: scripts.length > 0 ? [...transcripts, transcript] : transcripts,
    from: { directory },
    ...setting,
  })
  const where = { owner: story.stage.repository.owner, repo: story.stage.repository.name }
  const { rest } = story.stage.as('grace')

  const git = (...args: string[]): string =>
    execFileSync('git', ['--git-dir', story.stage.repository.gitDir, ...args], { encoding: 'utf8', env: alone })
  const told: ScriptedStory = {
    ...story,
    git,
    async planned(title) {
      const issue = await story.issue({ title, body: 'As the title says.' })
      await story.label(issue)
      await story.phase(issue, 'waiting-for-approval')
      return issue
    },
    async approved(title) {
      const issue = await told.planned(title)
      await story.comment(issue, '/approve')
      return issue
    },
    branch(issue) {
      const names = git(
        'for-each-ref',
        '--sort=creatordate',
        '--format=%(refname:short)',
        `refs/heads/crew/issue-${issue}-*`,
      )
      return names.trim().split('\n').at(-1) ?? ''
    },
    commits(issue) {
      const format = '--format=%H%x1f%P%x1f%(trailers:key=Crew-Task,valueonly)'
      const log = git('log', '--reverse', '-z', format, `main..${told.branch(issue)}`)
      return log
        .split('\0')
        .filter(Boolean)
        .map(entry => {
          const [sha = '', parents = '', task = ''] = entry.split('\x1f')
          return {
            sha,
            parents,
            task: task.trim(),
            files: git('diff-tree', '-r', '--no-commit-id', '--name-only', sha).trim().split('\n').filter(Boolean),
            diff: git('show', '--format=', sha),
          }
        })
    },
    tree: issue => git('rev-parse', `${told.branch(issue)}^{tree}`).trim(),
    file: (issue, path) => git('show', `${told.branch(issue)}:${path}`),
    pushAsOther(branch, files) {
      const run = (args: string[], input = ''): string =>
        execFileSync('git', ['--git-dir', story.stage.repository.gitDir, ...args], {
          input,
          encoding: 'utf8',
          env: { ...alone, GIT_INDEX_FILE: join(folder, 'index') },
        }).trim()
      run(['read-tree', branch])
      for (const [path, text] of Object.entries(files)) {
        const blob = run(['hash-object', '-w', '--stdin'], text)
        run(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`])
      }
      const commit = run(['commit-tree', run(['write-tree']), '-p', branch, '-m', 'By somebody else'])
      run(['update-ref', `refs/heads/${branch}`, commit])
    },
    async pullRequests(issue) {
      const { data } = await rest.pulls.list({ ...where, state: 'all', per_page: 100 })
      return data
        .filter(pull => pull.head.ref.startsWith(`crew/issue-${issue}-`))
        .map(({ number, draft, body, head }) => ({ number, draft: draft ?? false, body: body ?? '', head: head.sha }))
    },
    async reviews(pull) {
      const { data } = await rest.pulls.listReviews({ ...where, pull_number: pull })
      return Promise.all(
        data.map(async review => {
          const of = { ...where, pull_number: pull, review_id: review.id }
          const { data: comments } = await rest.pulls.listCommentsForReview(of)
          return {
            body: review.body,
            commit: review.commit_id,
            comments: comments.map(({ path, line, body }) => ({ path, line: line ?? 0, body })),
          }
        }),
      )
    },
    async row(issue, task) {
      const lines = (await story.status(issue)).split('\n')
      return lines.find(line => line.startsWith(`| ${task}. `)) ?? ''
    },
    statusSays: (issue, words) =>
      eventually(async () => {
        const text = await story.status(issue)
        return text.includes(words) && text
      }),
    async stop() {
      await story.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return told
}

/** Whatever the machine's own configuration says. */
const alone = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Somebody Else',
  GIT_AUTHOR_EMAIL: 'else@example.com',
  GIT_COMMITTER_NAME: 'Somebody Else',
  GIT_COMMITTER_EMAIL: 'else@example.com',
}
