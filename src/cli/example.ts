import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { packageRoot } from '../package-root.js'
import { readIssueText, type IssueText } from './issue-text.js'

const ExampleFile = z.strictObject({
  name: z.string(),
  description: z.string(),
  repository: z.strictObject({ owner: z.string(), name: z.string() }),
  people: z.array(
    z.strictObject({
      login: z.string(),
      role: z.enum(['maintainer', 'author']),
      permission: z.enum(['admin', 'write', 'read']),
    }),
  ),
})

/** An example that comes with the App: a small project, an issue, and the words of the agents. */
export interface Example extends z.infer<typeof ExampleFile> {
  issue: IssueText
  /** Folder of the project as it is at the start. */
  start: string
  transcript: string
}

export async function loadExample(name: string): Promise<Example> {
  const folder = new URL(`src/practice/examples/${name}/`, packageRoot)
  const file = ExampleFile.parse(parse(await readFile(new URL('example.yaml', folder), 'utf8')))
  return {
    ...file,
    issue: readIssueText(await readFile(new URL('issue.md', folder), 'utf8')),
    start: fileURLToPath(new URL('start', folder)),
    transcript: fileURLToPath(new URL('transcript.yaml', folder)),
  }
}
