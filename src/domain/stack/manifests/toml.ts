import { parse } from 'smol-toml'

/** A TOML document of a repository. Throws for what isn't TOML or nests too deeply. */
export const readToml = (text: string): Record<string, unknown> => parse(text, { maxDepth: 100 })
