import { defuseLine } from '../defuse.js'
import { money } from './figures.js'
import { type Links, sections } from './lists.js'

/** The tech lead's questions, in place of a plan. */
export function renderQuestions(
  questions: readonly string[],
  { spentUsd, links = {} }: { spentUsd?: number; links?: Links } = {},
): string {
  const list = questions.map((question, index) => `${index + 1}. ${defuseLine(question, 800, links)}`)
  return sections(
    `### Before I can plan this`,
    `The tech lead needs ${questions.length === 1 ? 'an answer' : 'answers'} first:\n\n${list.join('\n')}`,
    'Answer with `/revise …` in a new comment, e.g. `/revise 1: yes, 2: only for admins`. `/cancel` ends it here.',
    spentUsd !== undefined && `<sub>So far: ${money(spentUsd)}.</sub>`,
  )
}
