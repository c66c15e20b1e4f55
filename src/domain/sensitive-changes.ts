import { withoutInvisible } from './invisible.js'
import { readToml } from './stack/manifests/toml.js'

/** A changed file that deserves a second look before it is installed or merged. */
export interface SensitiveChange {
  path: string
  /** As `lock file`, or what runs by itself and when. */
  what: string
}

/** One changed file with its text before and after; null where there is none, or where it isn't text. */
export interface ChangedText {
  path: string
  before: string | null
  after: string | null
}

/**
 * The changes of a commit through which foreign code can come in unseen: lock files, what package managers, build tools,
 * git hooks and editors run by themselves, and characters that don't show. Manifests count only where the part that runs has changed; one that
 * can't be read counts whole.
 */
export function sensitiveChanges(files: readonly ChangedText[]): SensitiveChange[] {
  return files.flatMap(file =>
    [whatOf(file), whatIsHidden(file)].flatMap(what => (what === null ? [] : [{ path: file.path, what }])),
  )
}

/** Whether {@link sensitiveChanges} needs the file's text before, beside the one after. */
export const needsBefore = (path: string, after: string | null): boolean =>
  Object.hasOwn(manifests, nameOf(path)) || (after !== null && hiddenLines(after).length > 0)

/** New lines with characters that show as nothing, or turn round what shows: people read other code than runs. */
function whatIsHidden({ before, after }: ChangedText): string | null {
  const known = new Set(before === null ? [] : hiddenLines(before).map(({ text }) => text))
  const lines = after === null ? [] : hiddenLines(after).filter(({ text }) => !known.has(text))
  const [first] = lines
  if (!first) return null
  return lines.length === 1
    ? `line ${first.number} holds characters that don’t show`
    : `${lines.length} lines hold characters that don’t show, the first of them line ${first.number}`
}

const hiddenLines = (text: string): { number: number; text: string }[] => {
  if (withoutInvisible(text) === text) return []
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line }))
    .filter(line => withoutInvisible(line.text) !== line.text)
}

/** Whether a file says which version of each dependency there is, by its name. */
export function isLockFile(path: string): boolean {
  const name = nameOf(path)
  return lockFiles.has(name) || lockEndings.some(ending => name.endsWith(ending))
}

function whatOf({ path, before, after }: ChangedText): string | null {
  if (isLockFile(path)) return 'lock file'
  const name = nameOf(path)
  const manifest = Object.hasOwn(manifests, name) ? manifests[name] : undefined
  if (manifest) return manifest.runs(before) === manifest.runs(after) ? null : manifest.what
  return runsByItself.find(({ files }) => files.test(path.toLowerCase()))?.what ?? null
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase()

const lockFiles = new Set([
  ...['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb', 'deno.lock'],
  ...['poetry.lock', 'pipfile.lock', 'pdm.lock', 'uv.lock', 'pixi.lock', 'pylock.toml', 'conda-lock.yml'],
  ...['gemfile.lock', 'gems.locked', 'composer.lock', 'cargo.lock', 'go.sum', 'go.work.sum', 'mix.lock', 'rebar.lock'],
  ...['pubspec.lock', 'packages.lock.json', 'paket.lock', 'project.assets.json', 'podfile.lock', 'package.resolved'],
  ...['cartfile.resolved', 'gradle.lockfile', 'buildscript-gradle.lockfile', 'verification-metadata.xml', 'flake.lock'],
  ...['stack.yaml.lock', 'cabal.project.freeze', 'renv.lock', 'manifest.toml', 'module.bazel.lock', 'conan.lock'],
])
const lockEndings = ['.terraform.lock.hcl', '.lockfile']

/** Files that are wholly about running something, or about where packages come from. */
const runsByItself: readonly { files: RegExp; what: string }[] = [
  { files: /(?:^|\/)setup\.py$/, what: 'runs when the package is installed' },
  { files: /(?:^|\/)build\.rs$/, what: 'runs when the crate is built' },
  { files: /(?:^|\/)binding\.gyp$/, what: 'is built when the package is installed' },
  { files: /(?:^|\/)(?:gemfile|gems\.rb|extconf\.rb|[^/]+\.gemspec)$/, what: 'runs when gems are installed' },
  { files: /(?:^|\/)(?:podfile|mix\.exs)$/, what: 'runs when packages are installed' },
  { files: /(?:^|\/)\.pnpmfile\.c?js$/, what: 'runs when packages are installed' },
  { files: /(?:^|\/)\.yarn\/(?:plugins|releases)\//, what: 'runs when packages are installed' },
  {
    files:
      /(?:^|\/)(?:\.npmrc|\.yarnrc(?:\.yml)?|bunfig\.toml|pip\.conf|nuget\.config|\.pypirc|\.cargo\/config(?:\.toml)?|\.bundle\/config)$/,
    what: 'says where packages come from',
  },
  { files: /(?:^|\/)(?:gradle\/wrapper|\.mvn)\//, what: 'is what the build downloads and runs first' },
  { files: /(?:^|\/)directory\.build\.(?:props|targets)$/, what: 'runs with every build' },
  {
    files: /(?:^|\/)(?:\.husky\/.*|\.githooks\/.*|\.pre-commit-config\.ya?ml|\.?lefthook\.ya?ml)$/,
    what: 'runs as a git hook',
  },
  {
    files: /(?:^|\/)(?:\.envrc|\.vscode\/tasks\.json|\.devcontainer\/.*|\.devcontainer\.json)$/,
    what: 'runs when somebody opens the folder',
  },
  {
    files:
      /^(?:\.gitlab-ci\.yml|\.circleci\/.*|\.travis\.yml|jenkinsfile|azure-pipelines\.yml|bitbucket-pipelines\.yml|\.drone\.yml|\.buildkite\/.*)$/,
    what: 'runs in CI',
  },
]

/** Manifests that hold much else: `runs` is the part that runs by itself, as a text to compare. */
const manifests: Readonly<Record<string, { what: string; runs: (text: string | null) => string }>> = {
  'package.json': {
    what: 'its lifecycle scripts run when packages are installed, or around other scripts',
    runs: text =>
      partOf(text, json, ({ scripts, gypfile, trustedDependencies, pnpm }) => [
        ...[gypfile, trustedDependencies, only(pnpm, key => key.includes('Built'))],
        only(scripts, isNpmLifecycle),
      ]),
  },
  'composer.json': {
    what: 'its scripts or plugins run when packages are installed',
    runs: text =>
      partOf(text, json, ({ scripts, config }) => [
        only(scripts, key => /^(?:pre-|post-|command$|init$)/.test(key)),
        only(config, key => key === 'allow-plugins'),
      ]),
  },
  'pyproject.toml': {
    what: 'its build system runs when the package is installed',
    runs: text =>
      partOf(text, readToml, manifest => [
        manifest['build-system'],
        ...['poetry', 'pdm', 'hatch', 'setuptools'].map(tool =>
          only(memberOf(manifest['tool'], tool), key => ['build', 'cmdclass'].includes(key)),
        ),
      ]),
  },
}

/** `prebuild` runs before `build` without being asked for: any script may have one before and one behind it. */
const isNpmLifecycle = (key: string): boolean =>
  /^(?:pre|post)/.test(key) || ['install', 'prepare', 'dependencies', 'uninstall', 'publish', 'version'].includes(key)

function partOf(
  text: string | null,
  read: (text: string) => unknown,
  part: (manifest: Record<string, unknown>) => unknown[],
): string {
  try {
    const manifest = text === null ? {} : read(text)
    return JSON.stringify(part(isRecord(manifest) ? manifest : {}))
  } catch {
    return `unreadable: ${text}`
  }
}

const json = (text: string): unknown => JSON.parse(text.replace(/^\uFEFF/, ''))

/** Those members of an object whose key will do, by key; null for none. */
function only(value: unknown, will: (key: string) => boolean): unknown {
  if (!isRecord(value)) return null
  const members = Object.entries(value).filter(([key]) => will(key))
  return members.length > 0 ? members.sort(([a], [b]) => (a < b ? -1 : 1)) : null
}

const memberOf = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
