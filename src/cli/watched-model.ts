import { isPriced } from '../model/prices.js'
import type { Model } from '../ports.js'
import type { AgentWork } from '../team/agent-work.js'
import type { Metrics } from '../telemetry/metrics.js'

/** The model as one agent uses it, with its calls counted by that agent's role. */
export function watchedModel(model: Model, work: AgentWork, metrics: Metrics): Model {
  const role = roleOf(work)
  return {
    ...model,
    async answer(request, signal) {
      const began = performance.now()
      // crew.yml may say any name.
      const known = isPriced(request.model) ? request.model : 'other'
      const called = (outcome: 'answered' | 'failed') =>
        metrics.modelCalled({ model: known, role, outcome, seconds: (performance.now() - began) / 1000 })
      try {
        const answer = await model.answer(request, signal)
        called('answered')
        const usd = model.price(answer.model, answer.usage)
        metrics.modelUsed({ model: known, role, usage: answer.usage, usd })
        return answer
      } catch (error) {
        called('failed')
        throw error
      }
    },
  }
}

/** What an agent ends with tells what it is there for. */
function roleOf({ ending }: AgentWork): 'lead' | 'specialist' | 'reviewer' {
  switch (ending.form) {
    case 'plan':
      return 'lead'
    case 'report':
      return 'specialist'
    case 'review':
      return 'reviewer'
  }
}
