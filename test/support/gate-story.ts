import { createHmac, randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.js'
import { beginScriptedStory, type ScriptedStory } from './scripted-story.js'

export const gateTranscript = fileURLToPath(new URL('../fixtures/gate/transcript.yaml', import.meta.url))

/** A story about what happens between the label and the approval: any issue gets the plan of test/fixtures/gate. */
export interface GateStory extends ScriptedStory {
  /** Opens an issue and puts the label on. */
  labelled(title: string, body?: string): Promise<number>
  /** As {@link labelled}, up to the plan. */
  planned(title: string, body?: string): Promise<number>
  /** Id of the newest plan of an issue, as its comment says it. */
  planId(issue: number): Promise<string>
  /** Waits for so many plans of an issue, the last of which waits for its approval. Returns them, oldest first. */
  versions(issue: number, count: number): Promise<{ id: number; body: string }[]>
  /** Resolves when what was said before has been heard: the answer to a `/status` that is said now. */
  heard(issue: number): Promise<string>
  /** Everything that the App said on an issue, beside status and plans. */
  replies(issue: number): Promise<string[]>
  editIssue(issue: number, change: { title?: string; body?: string; state?: 'open' | 'closed' }): Promise<void>
  editComment(comment: number, body: string, by?: string): Promise<void>
  deleteComment(comment: number): Promise<void>
  /** Takes the label off and puts it on again, and waits for the run that this starts, the so-manieth of the issue. */
  relabel(issue: number, run: number): Promise<void>
  /** Whether a comment is folded, and why. */
  folded(issue: number, comment: number): Promise<string | null>
  /** Sends what GitHub sent last of that kind once more, as something new, with changes; signed as GitHub signs. */
  sendLike(event: string, change?: (payload: Payload) => void): Promise<void>
  /** Runs of an issue, oldest first. */
  runs(issue: number): Promise<{ state: string; agents: { id: string; state: string }[] }[]>
}

export async function beginGateStory(): Promise<GateStory> {
  const story = await beginScriptedStory([], {}, [gateTranscript])
  const { stage } = story
  const where = { owner: stage.repository.owner, repo: stage.repository.name }
  const bot = stage.github.app.botLogin
  const rest = (login: string) => stage.as(login).rest

  const told: GateStory = {
    ...story,
    async labelled(title, body = 'As the title says.') {
      const issue = await story.issue({ title, body })
      await story.label(issue)
      return issue
    },
    async planned(title, body) {
      const issue = await told.labelled(title, body)
      await story.phase(issue, 'waiting-for-approval')
      return issue
    },
    async planId(issue) {
      const plan = (await story.plans(issue)).at(-1)?.body ?? ''
      return /Plan `([0-9a-f]+)`, version/.exec(plan)?.[1] ?? ''
    },
    async versions(issue, count) {
      await eventually(async () => (await story.plans(issue)).length >= count)
      await story.phase(issue, 'waiting-for-approval')
      return story.plans(issue)
    },
    async heard(issue) {
      await stage.github.settled()
      return story.replyTo(issue, await story.comment(issue, '/status'))
    },
    async replies(issue) {
      const own = (await story.comments(issue)).filter(comment => comment.author === bot)
      return own.map(comment => comment.body).filter(body => /<!-- issue-crew:(?!status|plan)/.test(body))
    },
    async editIssue(issue, change) {
      await rest('grace').issues.update({ ...where, issue_number: issue, ...change })
    },
    async editComment(comment, body, by = 'grace') {
      await rest(by).issues.updateComment({ ...where, comment_id: comment, body })
    },
    async deleteComment(comment) {
      await rest('grace').issues.deleteComment({ ...where, comment_id: comment })
    },
    async relabel(issue, run) {
      await told.unlabel(issue)
      await story.label(issue)
      await eventually(async () => (await told.runs(issue)).length === run)
    },
    async folded(issue, comment) {
      const query = `query ($owner: String!, $repo: String!, $issue: Int!) {
        repository(owner: $owner, name: $repo) {
          issue(number: $issue) { comments(first: 100) { nodes { databaseId isMinimized minimizedReason } } }
        }
      }`
      const answer = await stage.as('grace').graphql<Folds>(query, { ...where, issue })
      const found = answer.repository.issue.comments.nodes.find(node => node.databaseId === comment)
      return found?.isMinimized ? found.minimizedReason : null
    },
    async sendLike(event, change = () => {}) {
      const like = stage.github.deliveries.findLast(delivery => delivery.event === event)
      const payload = JSON.parse(like?.payload ?? '{}') as Payload
      change(payload)
      const body = JSON.stringify(payload)
      const signature = createHmac('sha256', stage.webhookSecret).update(body).digest('hex')
      const answer = await fetch(stage.crew.webhookUrl, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'x-github-event': event,
          'x-github-delivery': randomUUID(),
          'x-hub-signature-256': `sha256=${signature}`,
        },
      })
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    },
    async runs(issue) {
      const runs = await stage.crew.engine.list(`run:${stage.repository.id}:${issue}:`)
      return Promise.all(
        runs.map(async ({ id, state }) => ({
          state,
          agents: (await stage.crew.engine.list(`agent:${id}:`)).map(agent => ({ id: agent.id, state: agent.state })),
        })),
      )
    },
  }
  return told
}

export interface Payload {
  action?: string
  sender: { login: string; type: string }
  comment?: { id: number; body: string; user: { login: string; type: string } }
}

interface Folds {
  repository: {
    issue: { comments: { nodes: { databaseId: number; isMinimized: boolean; minimizedReason: string | null }[] } }
  }
}
