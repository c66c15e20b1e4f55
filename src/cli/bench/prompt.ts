import type { Agent } from '../../domain/agent.js'
import { toMessagesRequest } from '../../model/messages-request.js'
import type { Ending } from '../../team/agent-work.js'
import { finishSpec } from '../../team/ending.js'
import { loadOwnAgents } from '../../team/load-agents.js'
import { systemPrompt } from '../../team/prompts.js'
import { toolSpec } from '../../team/tools.js'
import { kb, scenario } from './scenario.js'

interface PromptFigures {
  /** What every turn of an agent begins with, system and tools as JSON, in bytes. */
  agents: { agent: string; role: Agent['role']; system: number; tools: number; bytes: number }[]
  largestSpecialist: number
  largest: number
}

export const prompt = scenario<PromptFigures>({
  title: 'fixed prompt: system and tools as they are sent, the command tool included',
  async measure() {
    const agents = (await loadOwnAgents()).map(sizeOf)
    const largestOf = (sizes: { bytes: number }[]): number => Math.max(0, ...sizes.map(({ bytes }) => bytes))
    return {
      agents,
      largestSpecialist: largestOf(agents.filter(({ role }) => role === 'specialist')),
      largest: largestOf(agents),
    }
  },
  rows: ({ agents, largestSpecialist }) => [
    { what: 'largest of a specialist', measured: kb(largestSpecialist), target: '≤ 8 KB' },
    ...agents.map(({ agent, bytes, system, tools }) => ({
      what: `  ${agent}`,
      measured: `${kb(bytes)} (system ${kb(system)}, tools ${kb(tools)})`,
    })),
  ],
})

function sizeOf(agent: Agent): PromptFigures['agents'][number] {
  const { name, role } = agent
  const { system, tools } = toMessagesRequest({
    model: 'claude-sonnet-5-5',
    effort: 'medium',
    maxTokens: 1,
    system: systemPrompt(role, agent),
    tools: [...agent.tools.map(toolSpec), finishSpec(endings[role])],
    messages: [],
  })
  const bytes = (part: unknown): number => Buffer.byteLength(JSON.stringify(part))
  return {
    agent: name,
    role,
    system: bytes(system),
    tools: bytes(tools),
    bytes: bytes({ system, tools }),
  }
}

const endings: Record<Agent['role'], Ending> = {
  lead: { form: 'plan', roster: [], mayAsk: true },
  specialist: { form: 'report' },
  reviewer: { form: 'review' },
}
