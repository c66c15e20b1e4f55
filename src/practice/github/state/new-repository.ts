import { join, resolve } from 'node:path'

import { createGitRepository, currentBranch, type Origin } from '../git/create-repository.js'
import { accountEmail } from '../shapes/account.js'
import { addLabel } from './changes.js'
import type { Repository } from './types.js'
import { nodeId, now, type World } from './world.js'

export interface NewRepository {
  owner: string
  name: string
  from: Origin
  /** Default: the branch that is checked out in the origin, else `main`. */
  defaultBranch?: string
  description?: string
  private?: boolean
  archived?: boolean
}

/** Makes a repository, and its owner where there is none. Throws with what is wrong about the wish. */
export async function createRepository(world: World, dataDir: string, wanted: NewRepository): Promise<Repository> {
  if (!/^[\w.-]+$/.test(wanted.owner) || !/^[\w.-]+$/.test(wanted.name)) {
    throw new Error(
      `${wanted.owner}/${wanted.name} is no name for a repository: letters, digits, "-", "_" and "." are allowed.`,
    )
  }
  const fullName = `${wanted.owner}/${wanted.name}`
  if (world.repositories.has(fullName.toLowerCase())) throw new Error(`There is a repository ${fullName} already.`)
  const owner = world.account(wanted.owner) ?? world.addAccount(wanted.owner, 'User')
  const checkedOut =
    wanted.from !== null && 'gitRepository' in wanted.from
      ? await currentBranch(resolve(wanted.from.gitRepository))
      : null
  const defaultBranch = wanted.defaultBranch ?? checkedOut ?? 'main'
  const git = await createGitRepository({
    gitDir: join(dataDir, wanted.owner, `${wanted.name}.git`),
    origin: wanted.from,
    defaultBranch,
    author: { name: owner.login, email: accountEmail(owner) },
  })
  const id = world.nextId()
  const at = now()
  const repository: Repository = {
    id,
    nodeId: nodeId('R', id),
    owner,
    name: wanted.name,
    fullName,
    description: wanted.description ?? null,
    private: wanted.private ?? false,
    archived: wanted.archived ?? false,
    defaultBranch,
    git,
    size: await git.kilobytes(),
    createdAt: at,
    updatedAt: at,
    pushedAt: at,
    roles: new Map(),
    labels: [],
    lastNumber: 0,
    issues: new Map(),
    checkRuns: new Map(),
    verified: new Map(),
  }
  for (const [name, color, description] of DEFAULT_LABELS) {
    addLabel(world, repository, { name, color, description, default: true })
  }
  world.repositories.set(fullName.toLowerCase(), repository)
  return repository
}

/** The labels that GitHub gives every new repository. */
const DEFAULT_LABELS = [
  ['bug', 'd73a4a', "Something isn't working"],
  ['documentation', '0075ca', 'Improvements or additions to documentation'],
  ['duplicate', 'cfd3d7', 'This issue or pull request already exists'],
  ['enhancement', 'a2eeef', 'New feature or request'],
  ['good first issue', '7057ff', 'Good for newcomers'],
  ['help wanted', '008672', 'Extra attention is needed'],
  ['invalid', 'e4e669', "This doesn't seem right"],
  ['question', 'd876e3', 'Further information is requested'],
  ['wontfix', 'ffffff', 'This will not be worked on'],
] as const
