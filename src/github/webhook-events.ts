import { z } from 'zod'
import { parseCommands } from '../domain/command.js'
import type { CrewEvent } from '../domain/event.js'
import type { Actor } from '../domain/issue.js'
import type { RepositoryRef } from '../domain/repository.js'
import { ActorAnswer, IssueAnswer } from './answers.js'

/** The webhook events that are read at all, with their actions; app.yml subscribes to exactly these, but {@link alwaysSent}. */
export const handledEvents = {
  issues: ['labeled', 'unlabeled', 'closed'],
  issue_comment: ['created'],
  installation: ['deleted', 'suspend'],
  installation_repositories: ['removed'],
} as const satisfies Record<string, readonly string[]>

/** What GitHub tells every App, and lets none subscribe to. */
export const alwaysSent = ['installation', 'installation_repositories']

/** Whether anything with that `X-GitHub-Event`, and that action where it is known, can concern the crew. */
export function isHandled(eventName: string, action?: string | null): boolean {
  const actions: readonly string[] | undefined = Object.entries(handledEvents).find(([name]) => name === eventName)?.[1]
  return actions !== undefined && (action === undefined || actions.includes(action ?? ''))
}

/**
 * What a webhook means for the crew, or null for nothing. Reads only the fields named below, asks nobody and fetches nothing
 * that a payload points to. `appSlug` is the App's own name on GitHub: what it does itself never counts.
 */
export function readWebhook(
  webhook: { name: string; delivery: string; payload: unknown },
  crew: { label: string; appSlug: string },
): CrewEvent | null {
  if (alwaysSent.includes(webhook.name)) return readLostAccess(webhook, crew.appSlug)
  const envelope = Envelope.safeParse(webhook.payload)
  if (!envelope.success) return null
  const { action, sender, repository, installation } = envelope.data
  const common = {
    delivery: webhook.delivery,
    repository: {
      id: repository.id,
      owner: repository.owner.login,
      name: repository.name,
      installationId: installation.id,
    } satisfies RepositoryRef,
  }
  if (isApp(sender, crew.appSlug)) return null

  switch (`${webhook.name}.${action}`) {
    case 'issues.labeled': {
      const found = Labelled.safeParse(webhook.payload)
      // Bots may sort issues; only a person can put the crew to work.
      if (!found.success || sender.type !== 'User' || !sameLabel(found.data.label.name, crew.label)) return null
      const { issue } = found.data
      const changed = Changed.safeParse(webhook.payload)
      if (!changed.success || issue.state !== 'open' || issue.isPullRequest) return null
      return { kind: 'labelled', ...common, issue, by: sender, at: changed.data.issue.updated_at }
    }
    case 'issues.unlabeled': {
      const found = Labelled.safeParse(webhook.payload)
      if (!found.success || !sameLabel(found.data.label.name, crew.label)) return null
      return { kind: 'withdrawn', ...common, issueNumber: found.data.issue.number, why: 'unlabelled', by: sender }
    }
    case 'issues.closed': {
      const found = OfIssue.safeParse(webhook.payload)
      if (!found.success) return null
      return { kind: 'withdrawn', ...common, issueNumber: found.data.issue.number, why: 'closed', by: sender }
    }
    case 'issue_comment.created': {
      const found = Commented.safeParse(webhook.payload)
      if (!found.success) return null
      const { issue, comment } = found.data
      if (sender.type !== 'User') return null
      const { id, user: author } = comment
      return readComment({
        ...common,
        on: issue.isPullRequest ? 'pull-request' : 'issue',
        number: issue.number,
        open: issue.state === 'open',
        comment: { id, body: comment.body ?? '', author },
      })
    }
    default:
      return null
  }
}

/** Whoever may uninstall the App, or take a repository from it, wants its work there to stop. */
function readLostAccess(
  { name, delivery, payload }: { name: string; delivery: string; payload: unknown },
  appSlug: string,
): CrewEvent | null {
  const found = LostAccessPayload.safeParse(payload)
  if (!found.success) return null
  const { action, sender: by, installation, repositories_removed: removed } = found.data
  if (isApp(by, appSlug)) return null
  const common = { kind: 'access-lost', delivery, installationId: installation.id, by } as const
  switch (`${name}.${action}`) {
    case 'installation.deleted':
      return { ...common, repositories: null, why: 'uninstalled' }
    case 'installation.suspend':
      return { ...common, repositories: null, why: 'suspended' }
    case 'installation_repositories.removed':
      return removed ? { ...common, repositories: removed.map(({ id }) => id), why: 'removed' } : null
    default:
      return null
  }
}

/** What a new comment means for the crew, or null for nothing. */
export function readComment(given: {
  delivery: string
  repository: RepositoryRef
  on: 'issue' | 'pull-request'
  number: number
  /** Whether what it is on is open. */
  open: boolean
  comment: { id: number; body: string; author: Actor }
}): CrewEvent | null {
  const { on, number, open, comment, ...common } = given
  const { id, body, author } = comment
  if (author.type !== 'User') return null
  if (mayHoldCommand.test(body) && parseCommands(body, on).length > 0)
    return { kind: 'commented', ...common, on, number, comment }
  if (on !== 'issue' || !open || !saysSomething.test(body)) return null
  return { kind: 'remarked', ...common, issueNumber: number, comment: { id, author } }
}

/** Reading a long comment properly takes its time, and most comments have no line that begins like a command. */
const mayHoldCommand = /^\/[a-z]/im

/** A line that is more than a word for some other bot, as in `/assign me`. */
const saysSomething = /^(?!\/[a-z]+(?:\s|$))[^\n]*\S/im

const Envelope = z.object({
  action: z.string(),
  sender: ActorAnswer,
  repository: z.object({ id: z.int(), name: z.string().min(1), owner: z.object({ login: z.string().min(1) }) }),
  /** Missing where the webhook is a repository's own and not the App's. */
  installation: z.object({ id: z.int() }),
})

const LostAccessPayload = z.object({
  action: z.string(),
  sender: ActorAnswer,
  installation: z.object({ id: z.int() }),
  repositories_removed: z.array(z.object({ id: z.int() })).optional(),
})

const OfIssue = z.object({ issue: IssueAnswer })

const Changed = z.object({ issue: z.object({ updated_at: z.string() }) })

const Labelled = z.object({ issue: IssueAnswer, label: z.object({ name: z.string() }) })

const Commented = z.object({
  issue: IssueAnswer,
  comment: z.object({ id: z.int(), body: z.string().nullish(), user: ActorAnswer }),
})

const isApp = ({ login }: Actor, slug: string): boolean => login.toLowerCase() === `${slug}[bot]`.toLowerCase()

/** GitHub holds labels that differ in case only to be the same. */
function sameLabel(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
