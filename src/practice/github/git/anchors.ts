import type { PresentPlace } from '../shapes/review.js'
import type { Anchor, Side } from '../state/types.js'
import { findLine, followLine, hunkUpTo, parsePatch } from './hunks.js'
import { pullFiles } from './pull-facts.js'
import type { GitRepository } from './repository.js'

/** Where somebody wants to put a review comment. */
export interface WantedPlace {
  path: string
  line?: number | undefined
  side?: Side | undefined
  startLine?: number | undefined
  startSide?: Side | undefined
  position?: number | undefined
}

/**
 * Anchors a review comment in the diff of a pull request at one of its commits. GitHub only takes lines that are inside a
 * hunk (three lines of context belong to it), and a range that begins above its end in the same hunk. Otherwise returns
 * the sentence that GitHub refuses it with.
 */
export async function anchorIn(
  git: GitRepository,
  at: { base: string; commit: string },
  wanted: WantedPlace,
): Promise<Anchor | { refused: string }> {
  const file = (await pullFiles(git, at.base, at.commit)).find(each => each.path === wanted.path)
  if (file === undefined) return { refused: 'Path could not be resolved' }
  if (file.patch === null) return { refused: OUTSIDE }
  const lines = parsePatch(file.patch)
  const side = wanted.side ?? 'RIGHT'
  const end =
    wanted.line === undefined
      ? lines.find(line => line.position === wanted.position)
      : findLine(lines, side, wanted.line)
  if (end === undefined) return { refused: OUTSIDE }
  const endSide = wanted.line === undefined ? (end.new === null ? 'LEFT' : 'RIGHT') : side
  const anchor: Anchor = {
    path: wanted.path,
    commit: at.commit,
    side: endSide,
    line: wanted.line ?? end.new ?? end.old ?? 0,
    startSide: null,
    startLine: null,
    position: end.position,
    hunk: hunkUpTo(file.patch, end),
  }
  if (wanted.startLine === undefined) return anchor
  const startSide = wanted.startSide ?? side
  const start = findLine(lines, startSide, wanted.startLine)
  if (start === undefined) return { refused: 'Pull request review thread start line must be part of the diff' }
  if (start.hunk !== end.hunk)
    return { refused: 'Pull request review thread start line must be part of the same hunk as the line.' }
  if (start.position >= end.position)
    return { refused: 'Pull request review thread start line must precede the end line.' }
  return { ...anchor, startSide, startLine: wanted.startLine }
}

const OUTSIDE = 'Pull request review thread line must be part of the diff'

/** Where an anchored comment is in the pull request now; null when its lines were changed since, or left the diff. */
export async function presentPlace(
  git: GitRepository,
  now: { base: string; head: string },
  anchor: Anchor,
): Promise<PresentPlace | null> {
  const { line, startLine, position } = anchor
  if (anchor.commit === now.head) return { commit: now.head, line, startLine, position }
  const since = (await git.diff(anchor.commit, now.head)).find(
    file => file.path === anchor.path || file.previousPath === anchor.path,
  )
  if (since !== undefined && since.status !== 'modified') return null
  const follow = (side: Side, number: number): number | null =>
    side === 'LEFT' ? number : followLine(since?.patch ?? null, number)
  const movedLine = follow(anchor.side, line)
  const movedStart = startLine === null ? null : follow(anchor.startSide ?? anchor.side, startLine)
  const file = (await pullFiles(git, now.base, now.head)).find(each => each.path === anchor.path)
  if (movedLine === null || (startLine !== null && movedStart === null)) return null
  const found =
    file?.patch === null || file === undefined ? undefined : findLine(parsePatch(file.patch), anchor.side, movedLine)
  return found === undefined
    ? null
    : { commit: now.head, line: movedLine, startLine: movedStart, position: found.position }
}
