import { parse } from 'yaml'

/** A YAML document of a repository. Throws for what isn't YAML, and for aliases that blow it up; warnings are nobody's business here. */
export const readYaml = (text: string): unknown => parse(text, { logLevel: 'error', maxAliasCount: 100 })
