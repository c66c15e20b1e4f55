import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'

/** Where a program lies, as a shell with that PATH would find it: ours are started without an environment. */
export function findProgram(program: string, path: string): string | null {
  const places = path.split(':').filter(isAbsolute)
  return places.map(place => join(place, program)).find(file => existsSync(file)) ?? null
}
