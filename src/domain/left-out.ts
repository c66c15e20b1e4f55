/** Something an agent made that no commit will hold. */
export interface LeftOut {
  path: string
  why: string
}

/** Tells a model what it made in vain, without what it was told before; null when there is nothing new. */
export function leftOutNote(before: readonly LeftOut[], now: readonly LeftOut[]): string | null {
  const news = now.filter(({ path }) => !before.some(other => other.path === path))
  if (news.length === 0) return null
  const lines = news.slice(0, 20).map(({ path, why }) => `${JSON.stringify(path.slice(0, 300))}: ${why}`)
  return `No commit will hold these, so do without them:\n${lines.join('\n')}`
}
