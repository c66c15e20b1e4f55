import type { LeftOut } from '../domain/left-out.js'
import type { RepositoryRef } from '../domain/repository.js'
import type { Sandbox } from '../domain/sandbox.js'
import type { SetupOrder, SetupOutcome } from '../domain/setup.js'

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
