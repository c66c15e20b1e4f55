import { eventually } from './eventually.js'
import type { ScriptedStory } from './scripted-story.js'

/** Begins to wait for a moment, which resolves when it has come. */
export type Moment = () => Promise<unknown>

/** The model was asked for that turn of a conversation that has those words, and has not answered. */
export const asksModel = (story: ScriptedStory, words: string, turn: number): Moment => {
  return () => {
    const from = story.asked.length
    return eventually(() =>
      story.asked.slice(from).some(request => {
        const answers = request.messages.filter(({ role }) => role === 'assistant').length
        return answers === turn - 1 && JSON.stringify([request.system, request.messages[0]]).includes(words)
      }),
    )
  }
}

/** GitHub has done what it was asked for, and the App doesn't know. */
export const cutOffAfter = (story: ScriptedStory, method: string, path: RegExp): Moment => {
  return () =>
    new Promise<void>(resolve => {
      const { github } = story.stage
      github.fail({ method, route: path, by: 'installation', answer: 'cut', times: 1 })
      const look = (request: { method: string; path: string; by: string }): void => {
        if (request.method !== method || !path.test(request.path) || request.by !== 'installation') return
        github.events.off('request', look)
        resolve()
      }
      github.events.on('request', look)
    })
}

/** GitHub was asked, and neither does it nor answers. */
export const hangsBefore = (story: ScriptedStory, method: string, path: RegExp): Moment => {
  return () => {
    const { github } = story.stage
    const from = github.requests.length
    github.fail({ method, route: path, by: 'installation', answer: 'hang', times: 1 })
    return eventually(() =>
      github.requests.slice(from).some(request => request.method === method && path.test(request.path)),
    )
  }
}
