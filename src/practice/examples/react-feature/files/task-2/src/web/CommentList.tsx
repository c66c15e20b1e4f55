import type { Comment } from '../shared/talk.js'

export function CommentList({ comments }: { comments: Comment[] }) {
  if (comments.length === 0) return <p>Nobody has commented yet.</p>
  return (
    <ul>
      {comments.map(({ id, name, text, writtenAt }) => (
        <li key={id}>
          <strong>{name}</strong> <time dateTime={writtenAt}>{new Date(writtenAt).toLocaleDateString()}</time>: {text}
        </li>
      ))}
    </ul>
  )
}
