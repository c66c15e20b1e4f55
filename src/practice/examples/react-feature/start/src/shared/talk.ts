/** A talk on the board. */
export interface Talk {
  id: number
  title: string
  speaker: string
}

/** What somebody fills in to suggest a talk. */
export type TalkDraft = Omit<Talk, 'id'>

/** Why a talk can't be taken, in sentences for whoever suggests it; none when it can. */
export function talkProblems({ title, speaker }: TalkDraft): string[] {
  const problems: string[] = []
  if (title.trim() === '') problems.push('Please give the talk a title.')
  if (speaker.trim() === '') problems.push('Please say who would give the talk.')
  return problems
}
