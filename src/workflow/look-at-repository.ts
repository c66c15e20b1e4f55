import type { Team } from '../domain/agent.js'
import { codeOwnersPaths } from '../domain/code-owners.js'
import { CrewConfig, parseCrewYml } from '../domain/crew-yml.js'
import { parseCommands } from '../domain/command.js'
import { cleanText, type Hidden } from '../domain/hidden-text.js'
import type { Issue, IssueComment } from '../domain/issue.js'
import { replies } from '../domain/say/replies.js'
import { walletText } from '../domain/say/wallet-text.js'
import { type Instruction, mainInstructions, readInstructions } from '../domain/instructions.js'
import { detectStack } from '../domain/stack/detect-stack.js'
import type { Stack } from '../domain/stack/stack.js'
import { wantedFiles } from '../domain/stack/wanted-files.js'
import type { CloneSource, RepositoryFacts } from '../ports.js'
import { readTeam } from '../team/agents/read-team.js'
import type { Run } from './run.js'

/** What the plan is made from, read once at the head of the default branch. */
export interface Look {
  facts: RepositoryFacts
  source: CloneSource
  /** Commit of the default branch that everything was read from. */
  commit: string
  config: CrewConfig
  crewYml: string
  stack: Stack
  instructions: Instruction[]
  /** Who may work, the repository's own agents included: fixed here for the whole run. */
  team: Team
  /** Files that the plan depends on whatever the tech lead reads: configuration and instructions. */
  basis: string[]
  /** Text of CODEOWNERS, null when there is none. */
  codeOwners: string | null
  issue: Issue
  /** The issue as models see it. */
  clean: { number: number; title: string; body: string }
  /** Comments of people that count for the plan: neither bots' nor commands. */
  comments: { id: number; author: string; body: string; text: string }[]
  hidden: Hidden[]
  /** Why commands can't run for this repository on this machine; null when they can. */
  commandsOff: string | null
  /** What of issue and comments was not read, as notes for the plan. */
  unread: string[]
  /** Hosts that texts of models may link to: GitHub itself. */
  links: { hosts: string[] }
}

const crewYmlPath = '.github/crew.yml'

/** Reads repository and issue; `refused` when there is nothing that could be planned, with what to tell people. */
export async function lookAtRepository(
  run: Run,
): Promise<{ kind: 'seen'; look: Look } | { kind: 'refused'; why: string }> {
  const { journal, github, workspaces } = run.world
  const { repository, issue: labelled } = run.input

  const facts = await journal.step('describe the repository', () => github.describe())
  if (facts.archived) return { kind: 'refused', why: replies.archived() }
  if (facts.empty) return { kind: 'refused', why: replies.emptyRepository() }
  const missing = await journal.step('permissions of the App', () => github.missingPermissions())
  if (missing.length > 0) return { kind: 'refused', why: replies.appMayNot(missing) }

  const { issue, comments } = await journal.step('read the issue', () => readIssue(run, labelled.number))
  const title = cleanText(issue.title)
  const body = cleanText(issue.body)
  if (body.text.trim() === '' && wordsIn(title.text) < 3) return { kind: 'refused', why: replies.emptyIssue() }

  const source: CloneSource = { repository, url: facts.cloneUrl }
  const commit = await journal.step('fetch', () => workspaces.fetch(source, facts.defaultBranch))
  const files = await journal.step('read the tree', () => readTree(run, source, commit))
  if (!files.hasCode) return { kind: 'refused', why: replies.noCode() }
  const configured = parseCrewYml(files.crewYml)
  if (!configured.ok) return { kind: 'refused', why: replies.badCrewYml(configured.problems) }

  const { image } = configured.config.commands
  const commandsOff = await journal.step('sandbox', () => workspaces.whyNoCommands(image ?? null))

  const { limits } = run.world
  const readBody = cutText(body.text, limits.issueCharacters)
  const included = comments.slice(-limits.comments).map(comment => {
    const cleaned = cleanText(comment.body)
    return { comment, cleaned, read: cutText(cleaned.text, limits.commentCharacters) }
  })
  return {
    kind: 'seen',
    look: {
      facts,
      source,
      commit,
      config: configured.config,
      crewYml: files.crewYml ?? '',
      stack: files.stack,
      instructions: files.instructions,
      team: files.team,
      basis: files.basis,
      commandsOff,
      codeOwners: files.codeOwners,
      issue,
      clean: { number: issue.number, title: title.text, body: readBody.text },
      comments: included.map(({ comment, read }) => ({
        id: comment.id,
        author: comment.author.login,
        body: comment.body,
        text: read.text,
      })),
      unread: [
        ...(readBody.cut ? [walletText.issueCut(body.text.length, limits.issueCharacters)] : []),
        ...(comments.length > included.length
          ? [walletText.olderComments(comments.length - included.length, included.length)]
          : []),
        ...(included.some(({ read }) => read.cut)
          ? [walletText.commentsCut(included.filter(({ read }) => read.cut).length, limits.commentCharacters)]
          : []),
      ],
      links: { hosts: [new URL(facts.htmlUrl).host] },
      hidden: [
        ...title.hidden.map(hidden => ({ ...hidden, where: 'the title' })),
        ...body.hidden,
        ...files.hidden,
        ...included.flatMap(({ comment, cleaned }) =>
          cleaned.hidden.map(hidden => ({ ...hidden, where: `comment ${comment.id}, ${hidden.where}` })),
        ),
      ],
    },
  }
}

/** The issue now, with the comments that count for a plan. */
async function readIssue(run: Run, number: number): Promise<{ issue: Issue; comments: IssueComment[] }> {
  const { github } = run.world
  const issue = await github.issue(number)
  const comments = await github.comments(number)
  return {
    issue,
    comments: comments.filter(
      comment => comment.author.type === 'User' && parseCommands(comment.body, 'issue').length === 0,
    ),
  }
}

/** The beginning of a text that is longer than may be read; the cut never falls into a character. */
function cutText(text: string, characters: number): { text: string; cut: boolean } {
  if (text.length <= characters) return { text, cut: false }
  return { text: `${text.slice(0, characters).replace(/[\uD800-\uDBFF]$/, '')}\n[cut here: too long]`, cut: true }
}

/** In any script, also where words aren't written apart. */
const wordsIn = (text: string): number =>
  [...new Intl.Segmenter('en', { granularity: 'word' }).segment(text)].filter(({ isWordLike }) => isWordLike).length

/** What the tree says of itself: instructions, configuration, stack, agents. */
export async function readTree(run: Run, source: CloneSource, commit: string) {
  const { workspaces } = run.world
  const paths = (await workspaces.files(source, commit)).map(file => file.path)
  const read = (wanted: string[]) => workspaces.readMany(source, commit, wanted)
  const codeOwnersPath = codeOwnersPaths.find(path => paths.includes(path))
  const ownersPaths = codeOwnersPath === undefined ? [] : [codeOwnersPath]
  const manifests = await read([crewYmlPath, ...ownersPaths, ...wantedFiles(paths)])
  const crewYml = manifests.get(crewYmlPath) ?? null
  manifests.delete(crewYmlPath)
  const codeOwners = (codeOwnersPath !== undefined && manifests.get(codeOwnersPath)) || null
  for (const path of ownersPaths) manifests.delete(path)
  const stack = detectStack(paths, manifests)
  const { instructions, sources, hidden } = await readInstructions(paths, read)
  const configured = parseCrewYml(crewYml)
  const { models } = configured.ok ? configured.config : CrewConfig.parse({})
  return {
    crewYml,
    team: await readTeam({ own: run.world.agents, paths, read, models }),
    stack,
    instructions,
    hidden,
    codeOwners,
    basis: [...new Set([crewYmlPath, ...codeOwnersPaths, ...mainInstructions, ...sources])],
    hasCode: paths.some(path => !isProse(path)),
  }
}

const isProse = (path: string): boolean =>
  /(^|\/)(LICEN[CS]E|NOTICE|AUTHORS|CODEOWNERS|\.git[a-z]+|\.editorconfig)[^/]*$/i.test(path) ||
  /\.(md|rst|txt|adoc)$/i.test(path)
