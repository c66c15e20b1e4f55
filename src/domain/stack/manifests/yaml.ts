import { parse } from 'yaml'
import { checkYamlNesting } from '../../nesting.js'

/** A YAML document of a repository. Throws for what isn't YAML, nests too deeply, or blows up by its aliases. */
export function readYaml(text: string): unknown {
  checkYamlNesting(text)
  return parse(text, { logLevel: 'error', maxAliasCount: 100 })
}
