import type { AgentForm } from './tool-lists.js'

/**
 * Whose custom a path of a repository follows, null where it holds no agent:
 *
 * - `.github/agents/*.md` and `*.agent.md`, Copilot's (https://docs.github.com/en/copilot/reference/custom-agents-configuration)
 * - `.claude/agents/**\/*.md`, Claude Code's (https://code.claude.com/docs/en/sub-agents)
 */
export function agentForm(path: string): AgentForm | null {
  if (/^\.github\/agents\/[^/]+\.md$/.test(path)) return 'copilot'
  return /^\.claude\/agents\/.+\.md$/.test(path) ? 'claude' : null
}

/** The agents' files among the paths of a repository, in the order in which they count: GitHub's own folder first. */
export function agentPaths(paths: readonly string[]): string[] {
  const found = paths.filter(path => agentForm(path) !== null).sort()
  return [...found.filter(path => agentForm(path) === 'copilot'), ...found.filter(path => agentForm(path) === 'claude')]
}

/** Whose custom any agent's file follows, also one that lies elsewhere. */
export const customOf = (path: string): AgentForm =>
  /(^|\/)\.github\/agents\/[^/]+$/.test(path) || path.endsWith('.agent.md') ? 'copilot' : 'claude'
