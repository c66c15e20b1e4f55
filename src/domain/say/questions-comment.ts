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
    'Answer in a new comment, in your own words: I listen to the issue’s author and to people who may write to this repository. An edit of an older comment doesn’t count. `/revise …` answers, too, and `/cancel` ends it here.',
    spentUsd !== undefined && `<sub>So far: ${money(spentUsd)}.</sub>`,
  )
}
