import { useState } from 'react'
import type { Comment, Talk } from '../shared/talk.js'
import { fetchComments, problemsOf } from './api.js'
import { CommentForm } from './CommentForm.js'
import { CommentList } from './CommentList.js'
import { Problems } from './Problems.js'

/** The comments of a talk, fetched when somebody opens them. */
export function Comments({ talk }: { talk: Talk }) {
  const [comments, setComments] = useState<Comment[] | null>(null)
  const [problems, setProblems] = useState<string[]>([])

  async function toggled(open: boolean): Promise<void> {
    if (!open || comments !== null) return
    try {
      setComments(await fetchComments(talk.id))
      setProblems([])
    } catch (error) {
      setProblems(problemsOf(error))
    }
  }

  return (
    <details onToggle={event => void toggled(event.currentTarget.open)}>
      <summary>Comments</summary>
      <Problems problems={problems} />
      {comments && (
        <>
          <CommentList comments={comments} />
          <CommentForm talk={talk} onCommented={comment => setComments(before => [...(before ?? []), comment])} />
        </>
      )}
    </details>
  )
}
