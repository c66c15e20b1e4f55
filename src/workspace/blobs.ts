import { git } from './git.js'

/** Contents of many blobs from one process, by object name. Those that are not here are missing from the map. */
export async function blobs(gitDir: string, names: string[]): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>()
  if (names.length === 0) return contents
  const { stdout } = await git({ gitDir, args: ['cat-file', '--batch'], input: [...new Set(names)].join('\n') + '\n' })
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf(0x0a, at)
    const [name = '', kind, size] = stdout.toString('latin1', at, end).split(' ')
    at = end + 1
    if (kind === 'missing') continue
    contents.set(name, stdout.subarray(at, at + Number(size)))
    at += Number(size) + 1
  }
  return contents
}

/** Sizes in bytes of those blobs that are here. */
export async function blobSizes(gitDir: string, names: string[]): Promise<Map<string, number>> {
  if (names.length === 0) return new Map()
  const { stdout } = await git({ gitDir, args: ['cat-file', '--batch-check'], input: names.join('\n') + '\n' })
  const found = stdout
    .toString('latin1')
    .split('\n')
    .map(line => line.split(' '))
  return new Map(found.flatMap(([name = '', kind, size]) => (kind === 'blob' ? [[name, Number(size)] as const] : [])))
}

/** The bytes as text, or null where they are something else: a NUL within, or not UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
