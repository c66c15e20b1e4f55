import { expect, test } from '@jest/globals'
import { estimateCost } from '../src/domain/estimate.js'
import type { PlanTask } from '../src/domain/plan.js'
import type { CostPart } from '../src/domain/run-record.js'

const task = (agent: string, kind: PlanTask['kind'] = 'work'): PlanTask => ({
  number: 1,
  title: 'Do it',
  agent,
  paths: [],
  doneWhen: 'done',
  brief: 'b',
  dependsOn: [],
  kind,
})
const cost = (usd: number, agent = 'backend-developer', kind: CostPart['kind'] = 'task'): CostPart => ({
  kind,
  agent,
  usd,
})

test('without a finished run nothing is claimed', () => {
  expect(estimateCost([task('a')], { history: [], spentUsd: 1 })).toBeNull()
  expect(estimateCost([task('a')], { history: [[cost(1, 'lead', 'plan')]], spentUsd: 1 })).toBeNull()
})

test('each task counts with the middle of its agent’s, once there are three; the others with the middle of all', () => {
  const history = [
    [cost(5, 'lead', 'plan'), cost(1), cost(9), cost(2, 'django-orm-expert'), cost(0.5, 'code-reviewer', 'review')],
    [cost(3), cost(0.7, 'code-reviewer', 'review')],
  ]
  // The reviewer of the team reads what no task reviews.
  expect(estimateCost([task('backend-developer'), task('django-orm-expert')], { history, spentUsd: 0.25 })).toEqual({
    runs: 2,
    task: { middle: 2.5, from: 1, to: 9 },
    usd: 0.25 + 3 + 2.5 + 0.6,
  })
  const reviewed = [task('backend-developer'), task('security-reviewer', 'review')]
  expect(estimateCost(reviewed, { history, spentUsd: 0 })?.usd).toBeCloseTo(3 + 0.6)
})
