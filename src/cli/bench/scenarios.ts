import type { Scenario } from './scenario.js'

/** Each is loaded where it runs: a process that measures one holds nothing of the others. In the order of the report. */
const scenarios: Record<string, () => Promise<Scenario<object>>> = {
  demo: async () => (await import('./demo.js')).demo,
  turn: async () => (await import('./turn.js')).turn,
  start: async () => (await import('./start.js')).start,
  prompt: async () => (await import('./prompt.js')).prompt,
  memory: async () => (await import('./memory.js')).memory,
  box: async () => (await import('./box.js')).box,
  webhooks: async () => (await import('./webhooks.js')).webhooks,
  hundred: async () => (await import('./thousand.js')).hundred,
  thousand: async () => (await import('./thousand.js')).thousand,
  parked: async () => (await import('./parked.js')).parked,
}

/** Minutes each: only run when they are asked for. */
const long = ['hundred', 'thousand', 'parked']

export const scenarioNames = Object.keys(scenarios)
export const usualScenarios = scenarioNames.filter(name => !long.includes(name))

export async function loadScenario(name: string): Promise<Scenario<object>> {
  const load = scenarios[name]
  if (!load) throw new Error(`There is no scenario ${name}; there are ${scenarioNames.join(', ')}.`)
  return load()
}
