import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/**
 * Sets values in a `.env` file and leaves everything else in it as it is, comments too. The file is replaced whole, and only
 * its owner can read it afterwards. Values must not hold a double quote.
 */
export function writeEnvFile(path: string, values: Record<string, string>): void {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const after = Object.entries(values).reduce((text, [name, value]) => withLine(text, name, value), before)
  const draft = `${path}.new`
  writeFileSync(draft, after, { mode: 0o600 })
  chmodSync(draft, 0o600)
  renameSync(draft, path)
}

function withLine(text: string, name: string, value: string): string {
  const line = /^[\w.:/@-]*$/.test(value) ? `${name}=${value}` : `${name}="${value.replaceAll('\n', '\\n')}"`
  const present = new RegExp(`^${name}=.*$`, 'm')
  if (present.test(text)) return text.replace(present, () => line)
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`
}
