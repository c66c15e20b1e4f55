import type { Talk, TalkDraft } from '../shared/talk.js'

/** The server won't take what was filled in; the problems are for whoever did. */
export class Refused extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(problems.join(' '))
    this.problems = problems
  }
}

export const fetchTalks = (): Promise<Talk[]> => request<Talk[]>('/api/talks')
export const suggestTalk = (draft: TalkDraft): Promise<Talk> => request<Talk>('/api/talks', draft)

/** Gets, or posts when there is something to post. */
async function request<Answer>(path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(path, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  })
  const answer: unknown = await response.json()
  if (!response.ok) throw new Refused((answer as { problems: string[] }).problems)
  return answer as Answer
}

/** What to tell people of a request that failed. */
export const problemsOf = (error: unknown): string[] =>
  error instanceof Refused ? error.problems : ['The board can’t be reached. Please try again.']
