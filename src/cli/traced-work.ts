import type { CrewEvent } from '../domain/event.js'
import type { GitHubRequest } from '../github/traced-fetch.js'
import type { Workspaces, Worktree } from '../ports.js'
import type { Attributes, SpanFacts, TracedWorkflow, Traces } from '../telemetry/traces.js'
import type { Whereabouts } from '../whereabouts.js'
import { workflows, type AgentInput, type AlarmInput, type RunInput, type SetupInput } from '../workflow/world.js'

/** What traces say of a workflow, by its name, id and input. */
export function tracedWorkflow({ name, id, input }: { name: string; id: string; input: unknown }): TracedWorkflow {
  const facts = (span: string, attributes: Attributes = {}): SpanFacts => ({
    name: span,
    attributes: { ...attributes, 'issue_crew.workflow': id },
  })
  switch (name) {
    case workflows.delivery:
      return { id, run: null, facts: facts(`delivery ${(input as CrewEvent).kind}`) }
    case workflows.run:
      return { id, run: id, facts: facts('issue-to-pull-request'), since: Date.parse((input as RunInput).labelledAt) }
    case workflows.agent: {
      const { run, work } = input as AgentInput
      const attributes = {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.provider.name': 'anthropic',
        'gen_ai.agent.name': work.agent,
        'gen_ai.request.model': work.model,
      }
      return { id, run, facts: facts(`invoke_agent ${work.agent}`, attributes) }
    }
    case workflows.setup:
      return { id, run: (input as SetupInput).run, facts: facts('setup') }
    default:
      return { id, run: (input as AlarmInput).run, facts: facts(name) }
  }
}

/** Where a span belongs, as its attributes. */
export const placeAttributes = ({ run, issue, task }: Whereabouts): Attributes => ({
  ...(run !== undefined && { 'issue_crew.run': run }),
  ...(issue !== undefined && { 'issue_crew.issue': issue }),
  ...(task !== undefined && { 'issue_crew.task': String(task) }),
})

export function requestSpan({ method, route, purpose, installation, status }: GitHubRequest): SpanFacts {
  return {
    name: route,
    kind: 'client',
    attributes: {
      'http.request.method': method,
      'url.template': route.slice(method.length + 1),
      'issue_crew.github.purpose': purpose,
      ...(installation !== null && { 'issue_crew.github.installation': installation }),
      ...(status === null ? { 'error.type': 'no answer' } : { 'http.response.status_code': status }),
    },
  }
}

/** Workspaces whose agents' commands are spans. What is run, and what it says, is in none of them. */
export function tracedWorkspaces<Given extends Workspaces>(workspaces: Given, traces: Traces): Given {
  const open: Workspaces['open'] = async (...asked) => tracedTree(await workspaces.open(...asked), traces)
  return overlaid<Workspaces>(workspaces, { open }) as Given
}

function tracedTree(tree: Worktree, traces: Traces): Worktree {
  const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'run' }
  const run: Worktree['run'] = (command, options) =>
    traces.span({ name: 'execute_tool run', attributes }, async note => {
      const result = await tree.run(command, options)
      if ('refused' in result) note({ 'error.type': 'refused' })
      else
        note({
          'issue_crew.command.timed_out': result.timedOut,
          ...(result.exitCode !== null && { 'process.exit.code': result.exitCode }),
        })
      return result
    })
  return overlaid(tree, { run })
}

/** The same with some of its methods replaced; what it computes whenever it is read stays so. */
const overlaid = <T extends object>(original: T, instead: Partial<T>): T =>
  Object.create(original, Object.getOwnPropertyDescriptors(instead)) as T
