import { execFileSync } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadExample, type Example } from '../../src/cli/example.js'
import { readOutcome, type Outcome } from '../../src/cli/outcome.js'
import { eventually } from './eventually.js'
import { beginStory, type Story } from './story.js'

/** An example on a stage of its own, and the verbs that take its issue to an end. */
export interface ExampleStory {
  example: Example
  story: Story
  /** Opens the issue, has the plan revised where feedback is given, approves it, and waits for the end. */
  play(feedback?: string): Promise<{ issue: number; outcome: Outcome }>
  /** Runs git on the practice GitHub's repository. */
  git(...args: string[]): string
  /** Clones a branch into a folder that is new, and resolves with it. */
  clone(branch: string): Promise<string>
}

export async function beginExample(name: string): Promise<ExampleStory> {
  const example = await loadExample(name)
  const { transcript, start, repository } = example
  const story = await beginStory({ transcripts: [transcript], from: { directory: start }, repository })
  const { gitDir } = story.stage.repository
  return {
    example,
    story,
    async play(feedback) {
      const issue = await story.issue(example.issue)
      await story.label(issue)
      await story.phase(issue, 'waiting-for-approval')
      if (feedback !== undefined) {
        await story.comment(issue, `/revise ${feedback}`)
        await eventually(async () => (await story.plans(issue)).length === 2)
        await story.phase(issue, 'waiting-for-approval')
      }
      await story.comment(issue, '/approve')
      const end = await story.end(issue)
      return { issue, outcome: await readOutcome(story.stage, { issueNumber: issue, login: 'grace', end }) }
    },
    git: (...args) => execFileSync('git', ['--git-dir', gitDir, ...args], { encoding: 'utf8' }).trim(),
    async clone(branch) {
      const folder = await mkdtemp(join(tmpdir(), 'example-branch-'))
      execFileSync('git', ['clone', '--quiet', '--branch', branch, gitDir, folder])
      return folder
    },
  }
}
