import type { Octokit } from '@octokit/rest'
import { z } from 'zod'
import { TransientError } from '../ports.js'
import { explain } from './refusal.js'

/** In REST these are three requests. */
export const presentQuery = `query ($owner: String!, $name: String!, $number: Int!, $branch: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    ref(qualifiedName: $branch) { target { oid } }
    issue(number: $number) {
      title
      body
      comments(first: 100, after: $after) { nodes { url body } pageInfo { hasNextPage endCursor } }
    }
  }
}`

/** REST can't fold a comment. */
export const foldMutation = `mutation ($id: ID!) {
  minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized } }
}`

/** REST can't take a pull request out of draft. */
export const readyMutation = `mutation ($id: ID!) {
  markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } }
}`

/** Asks GraphQL, and reads the answer. */
export async function query<T>(
  octokit: Pick<Octokit, 'graphql'>,
  answer: z.ZodType<T>,
  { text, variables }: { text: string; variables: Record<string, unknown> },
): Promise<T> {
  const data = await octokit.graphql<unknown>(text, variables).catch((error: unknown) => {
    throw explain(error)
  })
  if (data === undefined) throw new TransientError("GitHub's answer was cut short (GraphQL).")
  const parsed = answer.safeParse(data)
  if (parsed.success) return parsed.data
  throw new Error(`GitHub's answer is not what was expected (GraphQL): ${z.prettifyError(parsed.error)}`)
}

/** Changes something by GraphQL. */
export async function mutate(
  octokit: Pick<Octokit, 'graphql'>,
  mutation: string,
  variables: { id: string },
): Promise<void> {
  await octokit.graphql(mutation, variables).catch((error: unknown) => {
    throw explain(error)
  })
}
