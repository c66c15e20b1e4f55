import { useId, useState, type FormEvent } from 'react'
import { charactersLeft, type Comment, type Talk } from '../shared/talk.js'
import { postComment, problemsOf } from './api.js'
import { CharactersLeft } from './CharactersLeft.js'
import { Problems } from './Problems.js'

/** Where people comment on a talk. The name stays for their next comment. */
export function CommentForm({ talk, onCommented }: { talk: Talk; onCommented: (comment: Comment) => void }) {
  const [name, setName] = useState('')
  const [text, setText] = useState('')
  const [problems, setProblems] = useState<string[]>([])
  const [pending, setPending] = useState(false)
  const left = useId()

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    setPending(true)
    try {
      onCommented(await postComment(talk.id, { name, text }))
      setText('')
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
        Your name
        <input value={name} onChange={event => setName(event.target.value)} required />
      </label>
      <label>
        Comment
        <textarea value={text} onChange={event => setText(event.target.value)} aria-describedby={left} required />
      </label>
      <CharactersLeft id={left} text={text} />
      <Problems problems={problems} />
      <button disabled={pending || charactersLeft(text) < 0}>Comment</button>
    </form>
  )
}
