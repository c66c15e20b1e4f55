import { expect } from '@jest/globals'
import { taskConversation, planConversation, reviewConversation } from './script.js'
import type { ScriptedStory } from './scripted-story.js'

/** A script of two tasks that is carried out time and again, each time as a new issue. */
export interface Repeated {
  title: string
  /** Tree that it came to when nothing disturbed it. */
  tree: string
}

/** That people see each thing of a finished issue once, whatever happened on the way, and the same files as ever. */
export async function expectExactlyOnce(story: ScriptedStory, issue: number, { tree }: Repeated): Promise<void> {
  const own = (await story.comments(issue)).filter(comment => comment.author === story.stage.github.app.botLogin)
  const kinds = own.map(comment => /<!-- issue-crew:(\w+):/.exec(comment.body)?.[1])
  expect(kinds).toEqual(['status', 'plan'])
  expect(await story.status(issue)).toContain('✅ Done')
  expect(story.commits(issue).map(commit => commit.task)).toEqual(['1/3', '2/3'])
  const pulls = await story.pullRequests(issue)
  expect(pulls.map(({ draft, head }) => ({ draft, head }))).toEqual([
    { draft: false, head: story.commits(issue).at(-1)?.sha },
  ])
  expect(await story.reviews(pulls[0]?.number ?? 0)).toHaveLength(1)
  expect(story.tree(issue)).toBe(tree)
}

/** Counts the model's requests of a script, by conversation and turn. */
export function countRequests(story: ScriptedStory, title: string): () => Record<string, number> {
  const names = [
    planConversation(title),
    taskConversation(title, 1),
    taskConversation(title, 2),
    reviewConversation(title),
  ]
  const from = story.model.stats().requests.length
  return () => {
    const counts: Record<string, number> = {}
    for (const { conversation, turn } of story.model.stats().requests.slice(from)) {
      if (!names.includes(conversation)) continue
      const key = `${conversation.slice(title.length + 2)}, turn ${turn + 1}`
      counts[key] = (counts[key] ?? 0) + 1
    }
    return counts
  }
}
