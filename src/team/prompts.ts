import { readFileSync } from 'node:fs'
import { packageRoot } from '../package-root.js'

type PromptName = 'lead' | 'specialist' | 'reviewer'

const frames = new Map<PromptName, string>()

/** The part of a system prompt that every agent of a role shares (`src/team/prompts/`), followed by the agent's own. */
export function systemPrompt(role: PromptName, agent: { name: string; prompt: string }): string {
  let frame = frames.get(role)
  if (frame === undefined) {
    frame = readFileSync(new URL(`src/team/prompts/${role}.md`, packageRoot), 'utf8').trim()
    frames.set(role, frame)
  }
  return `${frame}\n\n# You are ${agent.name}\n\n${agent.prompt}`
}

/** A block of outside text that its content can't close. What is in it is data, and the prompts say so. */
export function dataBlock(tag: string, text: string): string {
  const inert = text.replaceAll(new RegExp(`</(?=\\s*${tag}\\b)`, 'gi'), '<\\/')
  return `<${tag}>\n${inert.trim()}\n</${tag}>`
}
