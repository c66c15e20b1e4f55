import { readFileSync } from 'node:fs'
import { inlineCode } from '../domain/code-markdown.js'
import { packageRoot } from '../package-root.js'

const texts = new Map<string, string>()

/** A text of `src/team/prompts/`, read once. */
function promptText(name: 'lead' | 'specialist' | 'reviewer' | 'brought' | 'conflict' | 'outside' | 'secret'): string {
  const known = texts.get(name)
  if (known !== undefined) return known
  const text = readFileSync(new URL(`src/team/prompts/${name}.md`, packageRoot), 'utf8').trim()
  texts.set(name, text)
  return text
}

/**
 * The part of a system prompt that every agent of a role shares, followed by the agent's own. What a repository brought
 * is text from outside: it stands last, and the model is told so.
 */
export const systemPrompt = (
  role: 'lead' | 'specialist' | 'reviewer',
  agent: { name: string; prompt: string; origin?: 'repository' },
): string =>
  [
    promptText(role),
    `# You are ${agent.name}`,
    ...(agent.origin === 'repository' ? [promptText('brought')] : []),
    agent.prompt,
  ].join('\n\n')

/** Why a task is done again, with the paths that it is about. */
export const againNote = (why: 'conflict' | 'outside' | 'secret', paths: string[]): string =>
  promptText(why).replaceAll('{{paths}}', () => named(paths))

function named(paths: string[]): string {
  const more = paths.length > mostNamed ? ` and ${paths.length - mostNamed} more` : ''
  return `${paths
    .slice(0, mostNamed)
    .map(path => inlineCode(path))
    .join(', ')}${more}`
}

const mostNamed = 40
