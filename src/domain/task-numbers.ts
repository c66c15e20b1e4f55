/** Reads task numbers as people write them: `1,3-4`, `1, 3 – 4`, `1 3`. Sorted, each once; null when it is anything else. */
export function readTaskNumbers(text: string): number[] | null {
  const parts = text
    .trim()
    .replace(/\s*[-–—]\s*/g, '-')
    .split(/[\s,]+/)
    .filter(part => part !== '')
  if (parts.length === 0) return null
  const numbers = new Set<number>()
  for (const part of parts) {
    const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part)
    if (!match) return null
    const from = Number(match[1])
    const to = Number(match[2] ?? match[1])
    if (from < 1 || to < from) return null
    for (let number = from; number <= to; number++) numbers.add(number)
  }
  return [...numbers].sort((a, b) => a - b)
}

/** `[1]` → `task 1`, `[1, 3, 4]` → `tasks 1, 3 and 4`. */
export function nameTasks(numbers: readonly number[]): string {
  if (numbers.length === 1) return `task ${numbers[0]}`
  return `tasks ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`
}
