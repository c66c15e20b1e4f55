import { isManifest } from './manifests/read-manifest.js'
import type { Stack } from './stack.js'

/**
 * The manifests that a stack and its commands were read from: when one changes, a plan may be wrong. Lock files change
 * with every update of a dependency, and code all the time; neither changes what the stack is.
 */
export function stackFiles({ parts, commands }: Stack): string[] {
  const sources = [...parts.flatMap(({ evidence }) => evidence), ...commands.map(({ source }) => source)]
  return [...new Set(sources.map(({ file }) => file))].filter(isManifest)
}
