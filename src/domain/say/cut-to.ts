/** GitHub refuses comments of more than 65,536 characters; this leaves room for markers and notes. */
export const commentLimit = 60_000

/** Where something was cut. */
export const cutNote = '_The rest was too long for a comment._'
export const cutBesideNote = '_The rest of what was noticed beside the plan was too long for the comment._'
export const cutBriefNote = '_The rest of this brief was too long for the comment._'
const goesOnNote = '_It was too long for one comment and goes on in the next._'
const lineNote = '_A line was left out here: it was too long for a comment._'

/**
 * The text, or as many of its first lines as fit `limit` characters together with `note`, which then says that
 * something was left out. A fence or `<details>` that the cut leaves open is closed.
 */
export function cutTo(text: string, limit = commentLimit, note = cutNote): string {
  if (text.length <= limit) return text
  return `${cut(text, limit - note.length - 2).kept}\n\n${note}`
}

/**
 * The text as the bodies of as many comments as it takes, cut between lines. What a cut leaves open is closed and opened
 * again, so that nothing that stands as code begins to act. A line that no comment holds is left out, with a note.
 */
export function inParts(text: string, limit = commentLimit): string[] {
  if (text.length <= limit) return [text]
  const room = limit - goesOnNote.length - 2
  // Beside a line there is what was opened before it.
  const most = Math.floor(room / 4)
  const lines = text.split('\n').map(line => (line.length > most ? lineNote : line))
  const parts: string[] = []
  for (let rest = lines.join('\n'); ;) {
    if (rest.length <= limit) return [...parts, rest]
    const { kept, left } = cut(rest, room)
    // Nothing but what was opened again.
    if (left.length >= rest.length) return [...parts, cutTo(rest, limit)]
    parts.push(`${kept}\n\n${goesOnNote}`)
    rest = left
  }
}

/** What fits of a text's lines, with what they leave open closed; and the other lines, with that opened again. */
function cut(text: string, room: number): { kept: string; left: string } {
  const lines = text.split('\n')
  let taken = 0
  let length = 0
  let fence: Fence | null = null
  let details = 0
  for (const line of lines) {
    const nextFence: Fence | null = fence === null ? fenceOf(line) : line.trim() === fence.run ? null : fence
    const nextDetails: number = fence === null ? details + count(line, '<details') - count(line, '</details>') : details
    const closing = (nextFence === null ? 0 : nextFence.run.length + 1) + nextDetails * ('</details>'.length + 2)
    if (length + line.length + 1 + closing > room) break
    taken++
    length += line.length + 1
    fence = nextFence
    details = nextDetails
  }
  const folds = Math.max(0, details)
  const kept = [
    lines.slice(0, taken).join('\n').trimEnd(),
    ...(fence ? [fence.run] : []),
    ...Array.from({ length: folds }, () => '\n</details>'),
  ]
  const left = [
    ...Array.from({ length: folds }, () => '<details>\n<summary>…</summary>\n'),
    ...(fence ? [fence.opening] : []),
    ...lines.slice(taken),
  ]
  return { kept: kept.join('\n'), left: left.join('\n') }
}

interface Fence {
  opening: string
  run: string
}

function fenceOf(line: string): Fence | null {
  const run = /^ *(`{3,}|~{3,})/.exec(line)?.[1]
  return run === undefined ? null : { opening: line.trim(), run }
}

const count = (line: string, part: string): number => line.split(part).length - 1
