import { parse } from 'yaml'
import { isDeepYaml } from '../../nesting.js'

/** A YAML document of a repository. Throws for what isn't YAML, nests too deeply, or blows up by its aliases. */
export function readYaml(text: string): unknown {
  if (isDeepYaml(text)) throw new Error('it is nested too deeply')
  return parse(text, { logLevel: 'error', maxAliasCount: 100 })
}
