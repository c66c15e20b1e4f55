import type { Readable } from 'node:stream'

/**
 * Reads a stream to its end and keeps its beginning and its end, at most `head` and `tail` bytes. Whoever writes
 * without end is slowed down instead of keeping this process busy. Call the result when the stream has ended.
 */
export function captureCapped(
  stream: Readable,
  keep: { head: number; tail: number },
): () => { text: string; cut: number } {
  let head = Buffer.alloc(0)
  let tail: Buffer[] = []
  let tailLength = 0
  let cut = 0

  stream.on('data', (piece: Buffer) => {
    const room = keep.head - head.length
    if (room > 0) head = Buffer.concat([head, piece.subarray(0, room)])
    const rest = piece.subarray(Math.max(0, room))
    if (rest.length > 0) {
      tail.push(rest)
      tailLength += rest.length
    }
    if (tailLength > keep.tail * 4) squeeze()
    if (cut > freely) {
      stream.pause()
      setTimeout(() => stream.resume(), 1)
    }
  })

  function squeeze(): void {
    const all = Buffer.concat(tail)
    const kept = all.subarray(Math.max(0, all.length - keep.tail))
    cut += all.length - kept.length
    tail = [Buffer.from(kept)]
    tailLength = kept.length
  }

  return () => {
    squeeze()
    const end = Buffer.concat(tail)
    if (cut === 0) return { text: Buffer.concat([head, end]).toString(), cut }
    return { text: `${head.toString()}\n[… ${cut} bytes cut …]\n${end.toString()}`, cut }
  }
}

/** Bytes after which reading is slowed to about 64 MB/s. */
const freely = 1024 * 1024
