import { useEffect, useState } from 'react'
import type { Talk } from '../shared/talk.js'
import { fetchTalks, problemsOf } from './api.js'
import { Problems } from './Problems.js'
import { TalkForm } from './TalkForm.js'
import { TalkList } from './TalkList.js'

export function App() {
  const [talks, setTalks] = useState<Talk[] | null>(null)
  const [problems, setProblems] = useState<string[]>([])

  useEffect(() => {
    let gone = false
    fetchTalks().then(
      found => gone || setTalks(found),
      (error: unknown) => gone || setProblems(problemsOf(error)),
    )
    return () => {
      gone = true
    }
  }, [])

  return (
    <main>
      <h1>Talkboard</h1>
      <TalkForm onSuggested={talk => setTalks(before => [talk, ...(before ?? [])])} />
      <Problems problems={problems} />
      {talks && <TalkList talks={talks} />}
    </main>
  )
}
