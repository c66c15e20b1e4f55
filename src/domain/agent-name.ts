/**
 * By what an agent is told from the others, whatever its name is written like: `@agent-Django_ORM Expert` and
 * `django-orm-expert` have the same key.
 */
export const agentKey = (name: string): string =>
  name
    .normalize('NFKC')
    .trim()
    .replace(/^@?agent-|^@/i, '')
    .toLowerCase()
    .replace(/[\s._-]+/g, '')

/** Longest name of an agent, in characters. */
export const longestAgentName = 64

/**
 * A name as plans and commits carry it, from whatever people call the agent: lower case, letters and digits of any script,
 * words joined by `-`. `''` where nothing of it is left.
 */
export const agentName = (display: string): string =>
  display
    .normalize('NFKC')
    .trim()
    .replace(/^@?agent-|^@/i, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
