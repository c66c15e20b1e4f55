import { detectCommands } from './detect-commands.js'
import { detectLanguages } from './detect-languages.js'
import { detectServices } from './detect-services.js'
import { detectTechnologies } from './detect-technologies.js'
import { readFacts, type Texts } from './facts.js'
import type { Confidence, PartKind, Stack, StackPart } from './stack.js'
import { unreadManifests } from './wanted-files.js'

/** Larger texts are not read: a manifest that a person keeps is far smaller, and a lock file seldom larger. */
const largest = { manifest: 256 * 1024, lock: 4 * 1024 * 1024 }

/**
 * What a tree shows of its stack. `paths` are all its files; `texts` those of
 * {@link import('./wanted-files.js').wantedFiles}, null where
 * one could not be had. Broken and hostile files never throw: they are named in `notes`.
 */
export function detectStack(paths: readonly string[], texts: Texts): Stack {
  const facts = readFacts(paths, new Map([...texts].map(([path, text]) => [path, withinLimit(path, text)])))
  const found = [...detectTechnologies(facts), ...detectLanguages(facts), ...detectServices(facts)]
  const rank = (part: StackPart): number =>
    facts.tree.packages.indexOf(part.package) * 100 +
    kinds.indexOf(part.kind) * 10 +
    confidences.indexOf(part.confidence)
  const parts = found.sort((a, b) => rank(a) - rank(b))
  const commands = detectCommands(facts, parts)
  const unread = unreadManifests(paths)
  return {
    packages: facts.tree.packages
      .filter(folder => folder === '' || facts.manifestsOf(folder).length > 0)
      .map(folder => ({
        path: folder,
        name:
          facts
            .manifestsOf(folder)
            .find(({ name }) => name !== null)
            ?.name?.slice(0, 100) ?? null,
      })),
    parts,
    commands,
    notes: [...facts.notes.slice(0, 20), ...(unread > 0 ? [`${unread} more manifests were not read`] : [])].map(note =>
      note.slice(0, 300),
    ),
  }
}

const kinds: PartKind[] = ['framework', 'language', 'library', 'service', 'tool']
const confidences: Confidence[] = ['high', 'medium', 'low']

function withinLimit(path: string, text: string | null): string | null {
  const limit = /\.lock(b|file)?$|lock\.(json|ya?ml)$|shrinkwrap\.json$/i.test(path) ? largest.lock : largest.manifest
  return text !== null && text.length > limit ? null : text
}
