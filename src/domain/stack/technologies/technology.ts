import type { PartKind } from '../stack.js'
import type { Ecosystem } from '../manifests/manifest.js'

/** How a framework, library or tool shows itself. */
export interface Technology {
  name: string
  kind: Exclude<PartKind, 'language' | 'service'>
  ecosystem: Ecosystem
  /** Names of direct dependencies, lower case; one with `*` at its end is the beginning of names. The first found tells the version. */
  dependencies: string[]
  /** Dependencies that are only had together with it: their version is not its own. */
  companions?: string[]
  configuration?: Sign[]
  /** Layout that it is known for. */
  structure?: FileSign[]
  /** It runs in production: as a development dependency alone it only helps with something else. */
  runtime?: true
  /** Its configuration file stands for the dependency: nothing can depend on it. */
  standsAlone?: true
  /** Belongs to how things are tested, and so counts in folders of tests. */
  testing?: true
  /** Technologies whose files look the same: structure alone then says nothing. */
  looksLike?: string[]
}

export type Sign = FileSign | ScriptSign

/**
 * Files by glob: `*` within a segment, `**` over segments. It may lie anywhere in the package, at its top alone where it
 * begins with `/`. With `text`, the file is read and must match.
 */
export type FileSign = string | { file: string; text: RegExp }

/** A script of the manifest that runs it. */
export interface ScriptSign {
  script: RegExp
}
