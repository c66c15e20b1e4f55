import { z } from 'zod'
import type { Actor, Issue, IssueComment, Permission } from '../domain/issue.js'
import type { Delivery, IssueHappening, NewComment, PullRequest } from '../ports.js'

/**
 * GitHub's answers and payloads, as far as we read them, turned into our own types. Everything else in them is ignored.
 */

/** GitHub says null for a deleted account and shows it as `ghost`; an unknown kind of account never counts as a person. */
export const ActorAnswer = z
  .object({ login: z.string(), type: z.enum(['User', 'Bot', 'Organization', 'Mannequin']).catch('Bot') })
  .nullable()
  .transform((user): Actor => user ?? { login: 'ghost', type: 'User' })

export const IssueAnswer = z
  .object({
    number: z.int(),
    title: z.string(),
    body: z.string().nullish(),
    user: ActorAnswer,
    state: z.enum(['open', 'closed']),
    labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])).optional(),
    pull_request: z.unknown().optional(),
  })
  .transform((issue): Issue => ({
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    author: issue.user,
    state: issue.state,
    labels: (issue.labels ?? []).map(label => (typeof label === 'string' ? label : (label.name ?? ''))),
    isPullRequest: issue.pull_request !== undefined && issue.pull_request !== null,
  }))

export const CommentAnswer = z
  .object({
    id: z.int(),
    node_id: z.string(),
    body: z.string().nullish(),
    user: ActorAnswer,
    created_at: z.string(),
    updated_at: z.string(),
    html_url: z.string(),
  })
  .transform((comment): IssueComment => ({
    id: comment.id,
    nodeId: comment.node_id,
    body: comment.body ?? '',
    author: comment.user,
    createdAt: comment.created_at,
    updatedAt: comment.updated_at,
    htmlUrl: comment.html_url,
  }))

/** Of GraphQL. A comment's number is read from its address: `databaseId` has no room for those of today. */
export const PresentAnswer = z
  .object({
    repository: z.object({
      ref: z.object({ target: z.object({ oid: z.string() }) }).nullable(),
      issue: z.object({
        title: z.string(),
        body: z.string(),
        comments: z.object({
          nodes: z.array(z.object({ url: z.string().regex(/#issuecomment-\d+$/), body: z.string() })),
          pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
        }),
      }),
    }),
  })
  .transform(({ repository: { ref, issue } }) => ({
    ref: ref?.target.oid ?? null,
    issue: {
      title: issue.title,
      body: issue.body,
      comments: issue.comments.nodes.map(({ url, body }) => ({ id: Number(url.split('#issuecomment-')[1]), body })),
      nextPage: issue.comments.pageInfo.hasNextPage ? issue.comments.pageInfo.endCursor : null,
    },
  }))

export type PresentAnswer = z.infer<typeof PresentAnswer>

export const RepositoryAnswer = z.object({
  default_branch: z.string(),
  archived: z.boolean(),
  private: z.boolean(),
  /** Kilobytes, rounded down: 0 for an empty repository, and for many a small one. */
  size: z.number(),
  html_url: z.url({ protocol: /^https?$/ }),
  clone_url: z.url({ protocol: /^https?$/ }),
})

const known: readonly string[] = ['admin', 'maintain', 'write', 'triage', 'read', 'none'] satisfies Permission[]
const isPermission = (name: string): name is Permission => known.includes(name)

/**
 * `permission` folds maintain into write and triage into read; `role_name` tells them apart, but may also be a role of the
 * organisation's own making, for which `permission` is the role it was built on.
 */
export const PermissionAnswer = z
  .object({ permission: z.string(), role_name: z.string().nullish() })
  .transform(({ permission, role_name: role }): Permission => {
    if (role && isPermission(role)) return role
    return isPermission(permission) ? permission : 'none'
  })

/** An invitation that was not accepted is none yet. */
export const MembershipAnswer = z
  .object({ state: z.string() })
  .transform(({ state }): 'member' | 'none' => (state === 'active' ? 'member' : 'none'))

export const ShaAnswer = z.object({ sha: z.string().min(1) })

export const RefAnswer = z.object({ object: ShaAnswer })

export const CommitAnswer = z
  .object({ sha: z.string(), message: z.string(), tree: ShaAnswer, parents: z.array(ShaAnswer) })
  .transform(commit => ({
    sha: commit.sha,
    tree: commit.tree.sha,
    parents: commit.parents.map(parent => parent.sha),
    message: commit.message,
  }))

export const PullRequestAnswer = z
  .object({
    number: z.int(),
    node_id: z.string(),
    title: z.string(),
    body: z.string().nullish(),
    draft: z.boolean().nullish(),
    state: z.enum(['open', 'closed']),
    html_url: z.string(),
    head: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ id: z.int() }).nullish() }),
    base: z.object({ ref: z.string(), repo: z.object({ id: z.int() }) }),
  })
  .transform(pull => ({
    /** False for one that comes from a fork. */
    ownBranch: pull.head.repo?.id === pull.base.repo.id,
    pull: {
      number: pull.number,
      nodeId: pull.node_id,
      title: pull.title,
      body: pull.body ?? '',
      draft: pull.draft ?? false,
      state: pull.state,
      branch: pull.head.ref,
      head: pull.head.sha,
      base: pull.base.ref,
      htmlUrl: pull.html_url,
    } satisfies PullRequest,
  }))

export const ReviewAnswer = z
  .object({
    id: z.int(),
    user: ActorAnswer,
    body: z.string().nullish(),
    commit_id: z.string().nullish(),
    html_url: z.string(),
  })
  .transform(review => ({
    id: review.id,
    author: review.user,
    body: review.body ?? '',
    commit: review.commit_id ?? '',
    url: review.html_url,
  }))

export const TokenAnswer = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) })

/** An id is text here, as it may be larger than what JavaScript can count. */
export const DeliveryAnswer = z
  .object({
    id: z.union([z.int(), z.bigint()]).transform(String),
    guid: z.string(),
    delivered_at: z.string(),
    status_code: z.int(),
    event: z.string(),
    action: z.string().nullable(),
  })
  .transform(({ id, guid, delivered_at, status_code, event, action }) => ({
    taken: status_code >= 200 && status_code < 300,
    delivery: { id, guid, at: delivered_at, event, action } satisfies Delivery,
  }))

export const InstallationsAnswer = z.array(z.object({ id: z.int(), suspended_at: z.string().nullish() }))

export const InstalledOnAnswer = z.object({
  repositories: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      archived: z.boolean(),
      owner: z.object({ login: z.string() }),
    }),
  ),
})

/** GitHub's own address says what a comment is on. */
export const NewCommentAnswer = z
  .object({
    id: z.int(),
    body: z.string().nullish(),
    user: ActorAnswer,
    created_at: z.string(),
    html_url: z.string(),
    issue_url: z.string().regex(/\/\d+$/),
  })
  .transform(({ id, body, user: author, created_at: createdAt, html_url, issue_url }) => ({
    createdAt,
    found: {
      on: /\/pull\/\d+#/.test(html_url) ? 'pull-request' : 'issue',
      number: Number(issue_url.split('/').at(-1)),
      comment: { id, body: body ?? '', author },
    } satisfies NewComment,
  }))

const happenings: Record<string, IssueHappening['kind']> = {
  labeled: 'labelled',
  unlabeled: 'unlabelled',
  closed: 'closed',
}

/** Null for what is of no interest. */
export const HappeningAnswer = z
  .object({
    id: z.int(),
    event: z.string(),
    actor: ActorAnswer,
    created_at: z.string(),
    label: z.object({ name: z.string().nullish() }).nullish(),
  })
  .transform(({ id, event, actor: by, created_at: at, label }): IssueHappening | null => {
    const kind = happenings[event]
    return kind ? { id, kind, label: label?.name ?? null, by, at } : null
  })

/** `permissions` are those that the installation's owner has granted. */
export const InstallationAnswer = z.object({ permissions: z.record(z.string(), z.string()) })

export const AppAnswer = z.object({
  id: z.int(),
  slug: z.string(),
  permissions: z.record(z.string(), z.string()).optional(),
  events: z.array(z.string()).optional(),
})
