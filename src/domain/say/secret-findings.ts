import { inlineCode } from '../code-markdown.js'
import type { SecretFinding } from '../secret.js'

/** `config.py, line 3: GitHub token` */
export const placeOfSecret = ({ path, line, kind }: SecretFinding): string =>
  `${path}${line === null ? '' : `, line ${line}`}: ${kind}`

const most = 3

/** Why nothing of a task was committed, and how to go on; never with the value. */
export function secretsFound(findings: readonly SecretFinding[]): string {
  const places = findings
    .slice(0, most)
    .map(({ path, line, kind }) => `${inlineCode(path)}${line === null ? '' : ` line ${line}`} (${kind})`)
  const more = findings.length > most ? ` and ${findings.length - most} more` : ''
  return `it would commit a secret, or what looks like one, so nothing of it is committed: ${places.join(', ')}${more}. The next try is told to do without. If it is none, commit it to the default branch yourself: what is there already is let pass`
}
