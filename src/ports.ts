/**
 * What the story needs of the world, on one screen. The edges (durable, github, model, workspace) implement these;
 * workflow/ and team/ know nothing else of them.
 */
import type { ModelAnswer, ModelRequest } from './domain/conversation.js'
import type { Actor, Issue, IssueComment, Permission } from './domain/issue.js'
import type { LeftOut } from './domain/left-out.js'
import type { RepositoryRef } from './domain/repository.js'
import type { CostPart, RunRecord } from './domain/run-record.js'
import type { RequestBudgets, Window } from './domain/request-budget.js'
import type { Sandbox } from './domain/sandbox.js'
import type { SetupOrder, SetupOutcome } from './domain/setup.js'
import type { Usage } from './domain/usage.js'
import type { NotYet } from './domain/wait.js'

// ---------------------------------------------------------------- the journal: what makes a run survive its process

/** The recorder of one workflow. Every call is numbered by its place in the code: the order must not depend on chance. */
export interface Journal {
  /** Id of this workflow. */
  readonly id: string
  /** Runs `work` and records what it returns (JSON). On a replay the record is returned and `work` is not run. Errors are retried with backoff while {@link isTransient} says so, then thrown. */
  step<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** A step that changes the world outside. Whenever an earlier try may have happened (a crash, a lost answer), `find` is asked first. */
  effect<T>(name: string, effect: { find: () => Promise<T | null>; create: () => Promise<T> }): Promise<T>
  /** The next message sent to this workflow, however long that takes. Messages arrive in the order in which they were sent. */
  receive<T>(): Promise<T>
  /** Starts another workflow, once, under that id. */
  start(workflow: string, id: string, input: unknown): Promise<void>
  /** Leaves a message for a workflow, whether or not it listens yet. */
  send(id: string, message: unknown): Promise<void>
  /** Waits; a restart goes on with the rest of the wait. */
  sleep(milliseconds: number): Promise<void>
  /** Ends another workflow; its running step's signal fires. */
  cancel(id: string): Promise<void>
}

/** The engine as the front door and the operator see it. */
export interface Engine {
  /** Persists and starts a workflow. The same id again does nothing. Resolves when it is safe on disk. */
  start(workflow: string, id: string, input: unknown): Promise<void>
  send(id: string, message: unknown, idempotencyKey: string): Promise<void>
  /** Workflows whose id begins with `prefix`, oldest first; only those under way where that is asked for. */
  list(
    prefix: string,
    only?: 'active',
  ): Promise<{ id: string; state: 'active' | 'done' | 'failed' | 'cancelled'; input: unknown; output: unknown }[]>
  stop(): Promise<void>
}

/** What the App itself knows of its runs; it outlives their workflows. */
export interface RunBook {
  /** Writes down how a run stands, in place of what was written of it before. */
  put(record: RunRecord): Promise<void>
  /** Whether a run of that issue waits for an answer in a comment. */
  asks(repository: number, issue: number): Promise<boolean>
  /** The highest number of a run of that issue; 0 where there was none. */
  lastNumber(repository: number, issue: number): Promise<number>
  /** Runs of a repository that are under way, oldest first. */
  underWay(repository: number): Promise<RunRecord[]>
  /** Pull requests that runs of an issue came to, newest first. */
  pullRequestsOf(repository: number, issue: number): Promise<number[]>
  /** What the parts of each of the repository's finished runs cost, of the newest hundred. */
  costsOf(repository: number): Promise<CostPart[][]>
}

// ---------------------------------------------------------------- what all runs spend and do together

/** One call of the model that an agent is about to make. */
export interface Call {
  /** Workflow ids. */
  agent: string
  run: string
  repository: RepositoryRef
  /** What the repository itself allows for a day, when that is less than the operator does. */
  repositoryUsdPerDay: number | null
  /** What all calls of the agent before this one came to, US dollars. */
  spentUsd: number
  /** What this one will probably cost. */
  usd: number
}

/**
 * Counts, over all processes on one database, what is spent in a day and who is at work, and holds it against the
 * operator's limits. Saying the same again changes nothing.
 */
export interface Wallet {
  /**
   * Sets the call's cost aside, in place of what was set aside for the agent's call before it, and takes the run's place
   * among those at work. Where the call may not be made now, nothing is set aside.
   */
  hold(call: Call): Promise<NotYet | null>
  /** Counts what an agent has cost in all, and sets nothing aside for it any more. */
  settle(agent: Pick<Call, 'agent' | 'repository' | 'spentUsd'>): Promise<void>
  /** Gives back a run's place until its next call. Returns a few runs that wait for one and may take it, the first in line first. */
  leave(run: string, repository: RepositoryRef): Promise<string[]>
  /** Counts a plan for an issue. Where there have been too many, it isn't counted: then the time when it could be. */
  countPlan(plan: { repository: number; issue: number; key: string }): Promise<string | null>
}

/** Counts, over all processes on one database, what each installation has asked of GitHub, and how long GitHub wants rest. */
export interface RequestLedger {
  /**
   * Takes the next moment at which a request is within the windows, if it comes within that time, and says how long it is
   * until then. Otherwise nothing is taken.
   */
  take(request: {
    installation: number
    what: keyof RequestBudgets
    windows: Window[]
    withinMs: number
  }): Promise<{ waitMs: number; taken: boolean }>
  /** Nothing (or nothing of that kind) is to be asked for so long. */
  pause(rest: { installation: number; what: string; ms: number }): Promise<void>
  /** What an installation is to be spared of still, and for how long. */
  pauses(installation: number): Promise<{ what: string; ms: number }[]>
}

// ---------------------------------------------------------------- the model

export interface Model {
  /**
   * One answer. Waits out overload and rate limits within itself for a short while; throws {@link TransientError} after
   * that, {@link PromptTooLongError} where only sending less helps, Error for what else no waiting mends.
   */
  answer(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer>
  /** US dollars for that much of that model. Unknown models cost as the dearest known one. */
  price(model: string, usage: Usage): number
}

/** A fault of the outside that waiting may mend: a 5xx, a 429, a cut connection. */
export class TransientError extends Error {
  override readonly name = 'TransientError'
  /** Seconds after which to try again, where the other side said so. */
  readonly retryAfter: number | undefined
  constructor(message: string, options: { cause?: unknown; retryAfter?: number } = {}) {
    super(message, { cause: options.cause })
    this.retryAfter = options.retryAfter
  }
}

/** The conversation is longer than the model can read. */
export class PromptTooLongError extends Error {
  override readonly name = 'PromptTooLongError'
}

// ---------------------------------------------------------------- GitHub

/** One repository through its installation. Every method is one REST or GraphQL request unless it says otherwise. 404s that mean "not there" come back as null. */
export interface GitHub {
  describe(): Promise<RepositoryFacts>
  /** What the installation was not granted of all that the App needs, as `contents: write`; asked now. */
  missingPermissions(): Promise<string[]>
  /** Permission of a person, asked now. */
  permissionOf(login: string): Promise<Permission>
  /** Whether a person is in a team (`org/team`), asked now; `unseen` where the App was not given `members: read`. */
  membership(team: string, login: string): Promise<'member' | 'none' | 'unseen'>
  issue(number: number): Promise<Issue>
  /** What an approval is held against, read at one moment: the issue's words, its comments, and the commit of a branch (null: it is gone). A request per hundred comments. */
  present(
    number: number,
    branch: string,
  ): Promise<{ issue: { title: string; body: string }; comments: { id: number; body: string }[]; head: string | null }>
  /** All comments, oldest first (a request per hundred). */
  comments(number: number): Promise<IssueComment[]>
  createComment(number: number, body: string): Promise<IssueComment>
  updateComment(id: number, body: string): Promise<void>
  /** Folds a comment as outdated. */
  foldComment(nodeId: string): Promise<void>
  reactToIssue(number: number, reaction: Reaction): Promise<void>
  reactToComment(id: number, reaction: Reaction): Promise<void>
  /** Commit a branch points at, or null. */
  head(branch: string): Promise<string | null>
  /** A new tree on top of `base`. Text files go inline, others as a blob request each. Returns its sha. */
  createTree(base: string, changes: TreeChange[]): Promise<string>
  /** A commit signed by GitHub as the App. Returns its sha. */
  createCommit(commit: { message: string; tree: string; parents: string[] }): Promise<string>
  commit(sha: string): Promise<{ sha: string; tree: string; parents: string[]; message: string }>
  createBranch(branch: string, sha: string): Promise<void>
  /** Fast-forwards the branch, never forces. `moved-by-others` when GitHub refuses because it isn't one. */
  moveBranch(branch: string, sha: string): Promise<'moved' | 'moved-by-others'>
  pullRequest(number: number): Promise<PullRequest>
  /** The open pull request of a branch of this repository, or null. */
  pullRequestOf(branch: string): Promise<PullRequest | null>
  createPullRequest(pull: {
    title: string
    body: string
    branch: string
    base: string
    draft: boolean
  }): Promise<PullRequest>
  updatePullRequest(number: number, change: { title?: string; body?: string }): Promise<void>
  markReady(nodeId: string): Promise<void>
  /** Reviews of a pull request, oldest first. */
  reviews(number: number): Promise<{ id: number; author: Actor; body: string; commit: string }[]>
  createReview(
    number: number,
    review: { commit: string; body: string; comments: ReviewComment[] },
  ): Promise<{ id: number; url: string }>
}

/** All that the App is installed on, seen by the App itself: for finding out what it was not told. */
export interface Overview {
  /** Deliveries since then (ISO 8601) that came to such an end, newest first. A request per hundred. */
  deliveries(since: string, how: 'failure' | 'success'): Promise<Delivery[]>
  /** Has GitHub deliver that once more. */
  redeliver(id: string): Promise<void>
  /** Every repository that can be worked in: not archived, its installation not suspended. A request per hundred, and two an installation. */
  repositories(): Promise<RepositoryRef[]>
  /** Issues, and pull requests among them, that changed since then. A request per hundred. */
  changedIssues(repository: RepositoryRef, since: string): Promise<{ issue: Issue; updatedAt: string }[]>
  /** Comments on issues and pull requests that were written since then, oldest first. A request per hundred. */
  newComments(repository: RepositoryRef, since: string): Promise<NewComment[]>
  /** Who put labels on an issue, took them off and closed it, oldest first. A request per hundred events. */
  history(repository: RepositoryRef, issue: number): Promise<IssueHappening[]>
}

/** One try of GitHub's to tell the App something. */
export interface Delivery {
  /** As text: it may be larger than what JavaScript can count. */
  id: string
  /** The same for each try. */
  guid: string
  /** ISO 8601. */
  at: string
  event: string
  action: string | null
}

export interface NewComment {
  on: 'issue' | 'pull-request'
  number: number
  comment: { id: number; body: string; author: Actor }
}

export interface IssueHappening {
  id: number
  kind: 'labelled' | 'unlabelled' | 'closed'
  /** Null when it was closed. */
  label: string | null
  by: Actor
  /** ISO 8601. */
  at: string
}

/** What is remembered from one look at GitHub to the next, by all processes on one database together. */
export interface Looks {
  /**
   * Whether this process is to look now: for the first that asks once so many minutes have passed since the last claim.
   * `since` is when the last look that came to its end began; null before there was one. Times are the database's.
   */
  claim(what: string, everyMinutes: number): Promise<{ now: string; since: string | null } | null>
  /** That a look which began then came to its end. */
  done(what: string, begun: string): Promise<void>
  /** When the last look that came to its end began, or null. */
  last(what: string): Promise<string | null>
  /** Whether a failed delivery may be asked for: not more than so often, and once for each of its tries. */
  mayAsk(delivery: Pick<Delivery, 'guid' | 'id'>, times: number): Promise<boolean>
  asked(delivery: Pick<Delivery, 'guid' | 'id'>): Promise<void>
}

export type RefusalKind =
  /** The repository is archived: nothing can be written. */
  | 'archived'
  /** The installation lacks a permission for this. */
  | 'forbidden'
  /** The App is not, or no longer, installed there, or its installation is suspended. */
  | 'not-installed'
  /** GitHub doesn't take the key or the token. */
  | 'unauthenticated'
  /** Not there, or not visible to the installation. */
  | 'not-found'
  /** The conversation is locked. */
  | 'locked'
  /** The repository has no commit yet. */
  | 'empty'
  /** What should be created exists: a branch, a pull request. */
  | 'exists'
  /** The request's content was refused (422); `reasons` says what for. */
  | 'validation'
  | 'conflict'
  | 'other'

/** GitHub said no, and asking again won't change that. The message is for the people on the issue. */
export class GitHubRefusal extends Error {
  override readonly name = 'GitHubRefusal'
  readonly kind: RefusalKind
  readonly status: number
  /** GitHub's own words, one an error. */
  readonly reasons: string[]
  constructor(
    message: string,
    details: { kind: RefusalKind; status: number; reasons?: string[] | undefined; cause: unknown },
  ) {
    super(message, { cause: details.cause })
    this.kind = details.kind
    this.status = details.status
    this.reasons = details.reasons ?? []
  }
}

export interface RepositoryFacts {
  defaultBranch: string
  archived: boolean
  /** No commit yet. */
  empty: boolean
  private: boolean
  htmlUrl: string
  cloneUrl: string
}

export type Reaction = 'eyes' | 'rocket' | '+1' | '-1' | 'confused'

export interface PullRequest {
  number: number
  nodeId: string
  title: string
  body: string
  draft: boolean
  state: 'open' | 'closed'
  branch: string
  head: string
  base: string
  htmlUrl: string
}

/** Lines of the new version (`side: RIGHT`). */
export interface ReviewComment {
  path: string
  line: number
  startLine?: number
  body: string
}

/** One path of a commit. `content` null deletes it. */
export interface TreeChange {
  path: string
  mode: '100644' | '100755'
  content: { text: string } | { base64: string } | null
}

// ---------------------------------------------------------------- workspaces

/** Local copies of repositories and the trees that agents work in. Nothing here trusts what lies in a tree. */
/** Keeps, for all processes, what trees of ours are made of: those that are in no commit of the repository's yet. */
export interface TreeKeeper {
  /** `pack` holds what `name` has and `onto`, a commit or tree, has not. Resolves when it is safe. */
  keep(tree: { name: string; repository: RepositoryRef; onto: string; pack: Uint8Array }): Promise<void>
  find(repository: RepositoryRef, name: string): Promise<{ onto: string; pack: Uint8Array } | null>
}

export interface Workspaces {
  /** Brings the cached clone up to date (cloning it the first time). Returns what `branch` points at. */
  fetch(source: CloneSource, branch: string): Promise<string>
  /** The tree of a commit. */
  treeOf(source: CloneSource, commit: string): Promise<string>
  /** Files of a commit, by path, with sizes in bytes (-1 where the blob is not here yet); submodules and symlinks are left out. */
  files(source: CloneSource, commit: string): Promise<{ path: string; size: number }[]>
  /** A text file of a commit, or null when it isn't there or isn't text. */
  read(source: CloneSource, commit: string, path: string): Promise<string | null>
  /** Several at once, for one request of the remote's: an entry for every path, null as with {@link read}, or where it is over 4 MiB or all of them over 32. */
  readMany(source: CloneSource, commit: string, paths: string[]): Promise<Map<string, string | null>>
  /** An own directory holding `tree` (a commit or a tree). The same key again gives the same directory, at the state it was left in. `furnished`: a new one gets a copy of what setup left, made once more where it is gone. */
  open(
    source: CloneSource,
    key: string,
    tree: string,
    furnished?: { setup: SetupOrder; signal: AbortSignal },
  ): Promise<Worktree>
  /** Sees to it that what a repository's setup leaves is at hand: runs it where the same hasn't been run. Throws the signal's reason. */
  setUp(source: CloneSource, order: SetupOrder, signal: AbortSignal): Promise<SetupOutcome>
  /** Removes the directory of a key, if there is one. */
  discard(key: string): Promise<void>
  /** What differs between two trees or commits, with the new contents. */
  changes(source: CloneSource, from: string, to: string): Promise<FileChange[]>
  /** Unified diff (3 lines of context) for a person or the reviewer. */
  diff(source: CloneSource, from: string, to: string): Promise<string>
  /** Replays what leads from `base` to `theirs` on `onto` (all trees). Conflicts come back with a tree that holds both sides between markers. */
  replay(
    source: CloneSource,
    change: { base: string; theirs: string; onto: string },
  ): Promise<{ kind: 'clean'; tree: string } | { kind: 'conflict'; tree: string; paths: string[] }>
  /** Where commands run. */
  readonly sandbox: Sandbox
  /** What the start-up proof found: `null` when commands can run, else why they can't. */
  readonly commandsOff: string | null
  /** Why commands can't run for a repository that names this image (`commands.image`); null when they can. */
  whyNoCommands(image: string | null): Promise<string | null>
}

/** What a fetch needs: where from, and a token made at the moment of use. */
export interface CloneSource {
  repository: RepositoryRef
  url: string
}

export interface FileChange {
  path: string
  status: 'added' | 'modified' | 'deleted'
  mode: string
  /** Lines added and deleted; 0 for binary files. */
  added: number
  deleted: number
  /** As {@link TreeChange.content}: null for a deleted file. */
  content: { text: string } | { base64: string } | null
}

/** One directory that one agent sees. Paths are relative to it, with `/`; any that would leave it are refused with a sentence for the model. */
export interface Worktree {
  /** The tree it was opened at. */
  readonly base: string
  /** Made by this call of `open`, so that it holds exactly `base`; false when the directory was there already. */
  readonly fresh: boolean
  /** Text of a file. Refusals (not there, a directory, binary, too large) are values. */
  read(path: string): Promise<FileText>
  write(path: string, text: string): Promise<'ok' | Refusal>
  remove(path: string): Promise<'ok' | Refusal>
  /** Paths that match a glob (git's pathspec rules; all when null), sorted, ignored files left out. */
  list(glob: string | null): Promise<string[] | Refusal>
  /** Lines that match a regular expression (extended), as `path:line:text`. */
  search(query: {
    pattern: string
    glob: string | null
    ignoreCase: boolean
    maxLines: number
  }): Promise<{ lines: string[]; more: boolean } | Refusal>
  /** Runs a shell command in the box; `image` is the container's, where that is one. */
  run(
    command: string,
    options: { timeoutSeconds: number; signal: AbortSignal; image?: string | null },
  ): Promise<CommandResult | Refusal>
  /** Records the present state as a git tree in the cached clone. Ignored files are left out, and so is {@link refused}. */
  snapshot(): Promise<string>
  /** What the last {@link snapshot} did not take: links, repositories within the tree, names like `.git`, … */
  readonly refused: readonly LeftOut[]
  /** Makes the directory hold exactly that tree again (ignored files may stay). */
  reset(tree: string): Promise<void>
}

export interface Refusal {
  refused: string
}
export type FileText = { text: string } | Refusal

export interface CommandResult {
  exitCode: number | null
  /** stdout and stderr as they came, cut in the middle when too long (`cut` says how many bytes went). */
  output: string
  cut: number
  timedOut: boolean
  seconds: number
}
