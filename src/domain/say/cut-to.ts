/** GitHub refuses comments of more than 65,536 characters; this leaves room for markers and notes. */
export const commentLimit = 60_000

/** Where something was cut. */
export const cutNote = '_The rest was too long for a comment._'
export const cutBesideNote = '_The rest of what was noticed beside the plan was too long for the comment._'
export const cutBriefNote = '_The rest of this brief was too long for the comment._'

/**
 * The text, or as many of its first lines as fit `limit` characters together with `note`, which then says that
 * something was left out. A fence or `<details>` that the cut leaves open is closed.
 */
export function cutTo(text: string, limit = commentLimit, note = cutNote): string {
  if (text.length <= limit) return text
  const lines = text.split('\n')
  const kept: string[] = []
  let length = note.length + 4
  let fence: string | null = null
  let details = 0
  for (const line of lines) {
    const run: string | undefined = /^(`{3,}|~{3,})/.exec(line)?.[1]
    const nextFence: string | null =
      fence === null ? (run ?? null) : run !== undefined && line.trim() === fence ? null : fence
    const nextDetails: number = fence === null ? details + count(line, '<details') - count(line, '</details>') : details
    const closing = (nextFence?.length ?? 0) + 1 + nextDetails * ('</details>'.length + 2)
    if (length + line.length + 1 + closing > limit) break
    kept.push(line)
    length += line.length + 1
    fence = nextFence
    details = nextDetails
  }
  const closed = [fence ?? '', ...Array.from({ length: Math.max(0, details) }, () => '\n</details>')].filter(
    part => part !== '',
  )
  return [kept.join('\n').trimEnd(), ...closed, '', note].join('\n')
}

const count = (line: string, part: string): number => line.split(part).length - 1
