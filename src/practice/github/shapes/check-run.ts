import type { CheckRun, Repository } from '../state/types.js'
import type { World } from '../state/world.js'
import { shapeApp } from './app.js'
import { apiUrl, pageUrl } from './repository.js'
import type { Shape } from './shape.js'

/** `check-run`. */
export function shapeCheckRun(world: World, repository: Repository, run: CheckRun): Shape {
  const url = `${apiUrl(world, repository)}/check-runs/${run.id}`
  return {
    id: run.id,
    node_id: run.nodeId,
    name: run.name,
    head_sha: run.headSha,
    external_id: run.externalId ?? '',
    url,
    html_url: `${pageUrl(world, repository)}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: shapeApp(world),
    pull_requests: [...repository.issues.values()]
      .filter(issue => issue.pull?.head.sha === run.headSha && issue.state === 'open')
      .map(issue => ({
        id: issue.pull?.id,
        number: issue.number,
        url: `${apiUrl(world, repository)}/pulls/${issue.number}`,
        head: { ...issue.pull?.head, repo: brief(world, repository) },
        base: { ...issue.pull?.base, repo: brief(world, repository) },
      })),
  }
}

const brief = (world: World, repository: Repository): Shape => ({
  id: repository.id,
  url: apiUrl(world, repository),
  name: repository.name,
})
