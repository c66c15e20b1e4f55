import type { ModelAnswer, ModelRequest } from '../domain/conversation.js'
import { isPriced } from '../model/prices.js'
import type { Model } from '../ports.js'
import type { AgentWork } from '../team/agent-work.js'
import type { Metrics } from '../telemetry/metrics.js'
import type { Attributes, SpanFacts, Traces } from '../telemetry/traces.js'

/** The model as one agent uses it: its calls are counted by that agent's role, and are spans. */
export function watchedModel(model: Model, work: AgentWork, watch: { metrics: Metrics | null; traces: Traces }): Model {
  const { metrics, traces } = watch
  const role = roleOf(work)
  return {
    ...model,
    async answer(request, signal) {
      const began = performance.now()
      // crew.yml may say any name.
      const known = isPriced(request.model) ? request.model : 'other'
      const called = (outcome: 'answered' | 'failed') =>
        metrics?.modelCalled({ model: known, role, outcome, seconds: (performance.now() - began) / 1000 })
      try {
        const answer = await traces.span(callSpan(request, work), async note => {
          const given = await model.answer(request, signal)
          note(answerFacts(given, model.price(given.model, given.usage)))
          return given
        })
        called('answered')
        const usd = model.price(answer.model, answer.usage)
        metrics?.modelUsed({ model: known, role, usage: answer.usage, usd })
        return answer
      } catch (error) {
        called('failed')
        throw error
      }
    },
  }
}

/** As OpenTelemetry's conventions for generative AI name it. Nothing of what was asked and answered is in it. */
const callSpan = (request: ModelRequest, work: AgentWork): SpanFacts => ({
  name: `chat ${request.model}`,
  kind: 'client',
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'anthropic',
    'gen_ai.request.model': request.model,
    'gen_ai.request.max_tokens': request.maxTokens,
    'gen_ai.agent.name': work.agent,
  },
})

/** The conventions count what comes from the cache, and goes there, among the input. */
function answerFacts({ model, stopReason, usage }: ModelAnswer, usd: number): Attributes {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage
  return {
    'gen_ai.response.model': model,
    'gen_ai.response.finish_reasons': [stopReason],
    'gen_ai.usage.input_tokens': inputTokens + cacheReadTokens + cacheWriteTokens,
    'gen_ai.usage.cache_read.input_tokens': cacheReadTokens,
    'gen_ai.usage.cache_creation.input_tokens': cacheWriteTokens,
    'gen_ai.usage.output_tokens': outputTokens,
    'issue_crew.cost_usd': usd,
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
