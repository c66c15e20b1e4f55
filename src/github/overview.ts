import { z } from 'zod'
import type { RepositoryRef } from '../domain/repository.js'
import type { Delivery, Overview } from '../ports.js'
import {
  DeliveryAnswer,
  HappeningAnswer,
  InstallationsAnswer,
  InstalledOnAnswer,
  IssueAnswer,
  NewCommentAnswer,
} from './answers.js'
import type { AppClient } from './app-client.js'
import { ask, pages, pageSize } from './asking.js'

/** All that the App is installed on, as {@link Overview} says. */
export function createOverview(app: Pick<AppClient, 'asApp' | 'asList' | 'octokit'>): Overview {
  return {
    async deliveries(since, how) {
      const { rest } = await app.asApp()
      const found: Delivery[] = []
      for (let cursor: string | null | undefined; cursor !== null;) {
        const request = rest.apps.listWebhookDeliveries({
          per_page: pageSize,
          ...(cursor !== undefined && { cursor }),
          // Older servers don't know it and list all.
          ...{ status: how },
        })
        const page = await ask(z.array(DeliveryAnswer), request)
        const young = page.filter(({ delivery }) => delivery.at >= since)
        found.push(...young.filter(({ taken }) => taken === (how === 'success')).map(({ delivery }) => delivery))
        cursor = young.length < page.length ? null : nextCursor((await request).headers.link)
      }
      return found
    },

    async redeliver(id) {
      const { rest } = await app.asApp()
      // Octokit takes a number; as one it may no longer be the same.
      await ask(z.unknown(), rest.apps.redeliverWebhookDelivery({ delivery_id: id as unknown as number }))
    },

    async repositories() {
      const { rest } = await app.asApp()
      const found: RepositoryRef[] = []
      const installations = await pages(InstallationsAnswer.element, page =>
        rest.apps.listInstallations({ per_page: pageSize, page }),
      )
      for (const { id, suspended_at } of installations)
        if (!suspended_at) found.push(...(await repositoriesOf(app, id)))
      return found
    },

    async changedIssues(repository, since) {
      const { issues } = app.octokit(repository).rest
      const asked = { ...nameOf(repository), state: 'all', since, sort: 'updated', direction: 'asc' } as const
      return pages(ChangedIssue, page => issues.listForRepo({ ...asked, per_page: pageSize, page }))
    },

    async newComments(repository, since) {
      const { issues } = app.octokit(repository).rest
      const asked = { ...nameOf(repository), since, sort: 'created', direction: 'asc' } as const
      const changed = await pages(NewCommentAnswer, page =>
        issues.listCommentsForRepo({ ...asked, per_page: pageSize, page }),
      )
      return changed.filter(({ createdAt }) => createdAt >= since).map(({ found }) => found)
    },

    async history(repository, issue) {
      const { issues } = app.octokit(repository).rest
      const asked = { ...nameOf(repository), issue_number: issue }
      const all = await pages(HappeningAnswer, page => issues.listEvents({ ...asked, per_page: pageSize, page }))
      return all.filter(one => one !== null)
    },
  }
}

const nameOf = ({ owner, name }: RepositoryRef) => ({ owner, repo: name })

const ChangedIssue = z
  .intersection(
    IssueAnswer.transform(issue => ({ issue })),
    z.object({ updated_at: z.string() }).transform(({ updated_at }) => ({ updatedAt: updated_at })),
  )
  .transform(({ issue, updatedAt }) => ({ issue, updatedAt }))

async function repositoriesOf(app: Pick<AppClient, 'asList'>, installationId: number): Promise<RepositoryRef[]> {
  const { rest } = await app.asList(installationId)
  const found: RepositoryRef[] = []
  for (let page = 1, more = true; more; page++) {
    const request = rest.apps.listReposAccessibleToInstallation({ per_page: pageSize, page })
    const { repositories } = await ask(InstalledOnAnswer, request)
    for (const { id, name, owner, archived } of repositories)
      if (!archived) found.push({ id, owner: owner.login, name, installationId })
    more = (await request).headers.link?.includes('rel="next"') ?? false
  }
  return found
}

/** The list of deliveries is paged by a cursor, which only the link to the next page has. */
function nextCursor(link: string | undefined): string | null {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1]
  return next === undefined ? null : new URL(next).searchParams.get('cursor')
}
