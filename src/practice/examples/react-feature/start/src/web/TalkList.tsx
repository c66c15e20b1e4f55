import type { Talk } from '../shared/talk.js'

export function TalkList({ talks }: { talks: Talk[] }) {
  if (talks.length === 0) return <p>Nobody has suggested a talk yet.</p>
  return (
    <ul>
      {talks.map(talk => (
        <li key={talk.id}>
          <strong>{talk.title}</strong> by {talk.speaker}
        </li>
      ))}
    </ul>
  )
}
