import { asideOf, byWeight, folderOf, isVendored, nameOf } from './folders.js'
import { isCompose } from './detect-services.js'
import { layout } from './layout.js'
import { isLock } from './locks.js'
import { isManifest } from './manifests/read-manifest.js'
import { signFinder } from './signs.js'
import { technologies } from './technologies/all.js'

/** At most so many files of each sort are read. */
const limits = {
  manifests: 80,
  asideManifests: 12,
  locks: 12,
  versions: 20,
  shared: 6,
  compose: 6,
  commands: 40,
  workflows: 10,
  signs: 60,
}
/** Of one sign. */
const perSign = 8

/**
 * The files whose text {@link import('./detect-stack.js').detectStack} wants, by their paths alone: manifests, lock files,
 * the few that configure a framework, and those that say how things are run. At most about 230 of any tree, the most
 * telling first.
 */
export function wantedFiles(allPaths: readonly string[]): string[] {
  const paths = byWeight(allPaths.filter(path => !isVendored(path)))
  const named = (pattern: RegExp, limit: number): string[] =>
    paths.filter(path => pattern.test(nameOf(path))).slice(0, limit)
  const manifests = readManifests(paths.filter(isManifest))
  const wanted = [
    ...manifests,
    ...paths.filter(isLock).slice(0, limits.locks),
    ...named(/^(libs\.versions\.toml|Directory\.Packages\.props)$/, limits.shared),
    ...paths.filter(isCompose).slice(0, limits.compose),
    ...named(
      /^(\.nvmrc|\.node-version|\.(python|ruby|php|java|swift)-version|\.tool-versions|runtime\.txt|rust-toolchain(\.toml)?)$/,
      limits.versions,
    ),
    ...paths.filter(path => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)).slice(0, limits.workflows),
    ...named(
      /^(GNUmakefile|[mM]akefile|\.?[jJ]ustfile|[tT]askfile\.ya?ml|tox\.ini|noxfile\.py|Rakefile)$/,
      limits.commands,
    ),
    ...signTexts(paths, manifests),
  ]
  return [...new Set(wanted)]
}

/** Those of examples are few, unless examples are all there is. */
function readManifests(all: string[]): string[] {
  const main = all.filter(path => asideOf(path) === null)
  if (main.length === 0) return all.slice(0, limits.manifests)
  return [
    ...main.slice(0, limits.manifests),
    ...all.filter(path => asideOf(path) !== null).slice(0, limits.asideManifests),
  ]
}

/** How many manifests lie beyond the limit: said rather than passed over. */
export function unreadManifests(paths: readonly string[]): number {
  const all = paths.filter(path => isManifest(path) && !isVendored(path))
  return all.length - readManifests(all).length
}

function signTexts(paths: string[], manifests: string[]): string[] {
  const finder = signFinder(layout(paths, manifests.map(folderOf)))
  const found = new Set<string>()
  for (const technology of technologies)
    for (const sign of technology.configuration ?? []) {
      if (typeof sign === 'string' || !('file' in sign)) continue
      for (const path of finder.candidates(sign, technology.testing === true, perSign)) found.add(path)
    }
  return byWeight(found).slice(0, limits.signs)
}
