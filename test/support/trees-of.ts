import { readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { PracticeStage } from '../../src/cli/practice-stage.js'

/** The directories that agents work in at this moment, wherever the App of a stage has them. */
export async function treesOf(stage: PracticeStage): Promise<string[]> {
  const cache = await realpath(join(stage.config.home, 'clones'))
  const places = [join(cache, 'trees')]
  const shared = `/dev/shm/issue-crew-${process.getuid?.() ?? 'user'}`
  for (const name of await entries(shared)) {
    const owner = await readFile(join(shared, name, '.cache'), 'utf8').catch(() => null)
    if (owner === cache) places.push(join(shared, name))
  }
  const trees = await Promise.all(places.map(async place => (await entries(place)).map(name => join(place, name))))
  return trees.flat().filter(path => /\/agent-[^/]*$/.test(path))
}

const entries = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
