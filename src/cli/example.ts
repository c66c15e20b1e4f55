import { readdir, readFile } from 'node:fs/promises'
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

/** Names of the examples there are: each is a folder. Sorted. */
export async function exampleNames(): Promise<string[]> {
  const entries = await readdir(examples, { withFileTypes: true })
  return entries
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
    .sort()
}

/** Every example with the line that says what it is about, sorted by name. */
export async function listExamples(): Promise<{ name: string; description: string }[]> {
  const names = await exampleNames()
  return Promise.all(names.map(async name => ({ name, description: (await readExampleFile(name)).description })))
}

/** The example of that name, which must be one of `exampleNames`. */
export async function loadExample(name: string): Promise<Example> {
  const folder = folderOf(name)
  return {
    ...(await readExampleFile(name)),
    issue: readIssueText(await readFile(new URL('issue.md', folder), 'utf8')),
    start: fileURLToPath(new URL('start', folder)),
    transcript: fileURLToPath(new URL('transcript.yaml', folder)),
  }
}

const examples = new URL('src/practice/examples/', packageRoot)

const folderOf = (name: string): URL => new URL(`${name}/`, examples)

const readExampleFile = async (name: string): Promise<z.infer<typeof ExampleFile>> =>
  ExampleFile.parse(parse(await readFile(new URL('example.yaml', folderOf(name)), 'utf8')))
