import { useState, type FormEvent } from 'react'
import type { Talk } from '../shared/talk.js'
import { problemsOf, suggestTalk } from './api.js'
import { Problems } from './Problems.js'

/** Where people suggest a talk. */
export function TalkForm({ onSuggested }: { onSuggested: (talk: Talk) => void }) {
  const [title, setTitle] = useState('')
  const [speaker, setSpeaker] = useState('')
  const [problems, setProblems] = useState<string[]>([])
  const [pending, setPending] = useState(false)

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    setPending(true)
    try {
      onSuggested(await suggestTalk({ title, speaker }))
      setTitle('')
      setSpeaker('')
      setProblems([])
    } catch (error) {
      setProblems(problemsOf(error))
    } finally {
      setPending(false)
    }
  }

  return (
    <form onSubmit={event => void submit(event)}>
      <label>
        Title
        <input value={title} onChange={event => setTitle(event.target.value)} required />
      </label>
      <label>
        Speaker
        <input value={speaker} onChange={event => setSpeaker(event.target.value)} required />
      </label>
      <Problems problems={problems} />
      <button disabled={pending}>Suggest it</button>
    </form>
  )
}
