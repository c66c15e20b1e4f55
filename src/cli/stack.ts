import { execa } from 'execa'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { stackText } from '../domain/say/stack-text.js'
import { detectStack } from '../domain/stack/detect-stack.js'
import { wantedFiles } from '../domain/stack/wanted-files.js'
import type { Terminal } from './terminal.js'

export interface StackOptions {
  path: string
  json: boolean
}

/** A folder of more files is walked no further. */
const mostFiles = 200_000
const largestFile = 4 * 1024 * 1024

/** Prints what a local folder shows of its stack. Nothing in it is run or changed. Resolves with the exit status. */
export async function showStack({ path, json }: StackOptions, terminal: Terminal): Promise<number> {
  const folder = resolve(path)
  const found = await lstat(folder).catch(() => null)
  if (!found?.isDirectory()) {
    terminal.say(`${folder} is no folder. Give the folder of a project.`)
    return 2
  }
  const paths = await filesOf(folder)
  const texts = new Map<string, string | null>()
  for (const wanted of wantedFiles(paths)) texts.set(wanted, await textOf(join(folder, wanted)))
  const stack = detectStack(paths, texts)
  terminal.say(json ? JSON.stringify(stack, null, 2) : stackText(stack))
  return 0
}

/** What git would commit, where the folder is in a repository; else everything but what tools have put there. */
async function filesOf(folder: string): Promise<string[]> {
  const listed = await execa({
    cwd: folder,
    reject: false,
    maxBuffer: 256 * 1024 * 1024,
  })`git -c core.fsmonitor=false ls-files -z --cached --others --exclude-standard`
  if (!listed.failed) {
    const paths = listed.stdout.split('\0').filter(path => path !== '')
    if (paths.length > 0) return [...new Set(paths)]
  }
  const paths: string[] = []
  const folders = ['']
  for (let at = folders.pop(); at !== undefined && paths.length < mostFiles; at = folders.pop())
    for (const entry of await readdir(join(folder, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`
      if (entry.isDirectory() && !/^(node_modules|\.git|\.venv|venv|__pycache__|target)$/.test(entry.name))
        folders.push(path)
      else if (entry.isFile()) paths.push(path)
    }
  return paths
}

/** Null for what is gone, too large, no regular file, or no text. */
async function textOf(file: string): Promise<string | null> {
  const found = await lstat(file).catch(() => null)
  if (!found?.isFile() || found.size > largestFile) return null
  const bytes = await readFile(file)
  return bytes.includes(0) ? null : bytes.toString('utf8')
}
