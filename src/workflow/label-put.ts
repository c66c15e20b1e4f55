import type { RunInput } from './world.js'

/** One putting-on of the label. */
export interface LabelPut {
  /** GitHub's time of it or of a later change of the issue, ISO 8601 in whole seconds. */
  at: string
  /** Nothing told of it: it was found in the repository. */
  found: boolean
}

/** What a run was started by. */
export const labelOf = ({ labelledAt, found }: RunInput): LabelPut => ({ at: labelledAt, found: found ?? false })

/**
 * Whether a label is the one that a run was started by, or an earlier one: what comes late, or is known by two ways. Of two
 * in the same second GitHub's deliveries tell one from another; what was found has none.
 */
export const hadItsRun = (label: LabelPut, started: LabelPut): boolean =>
  label.at < started.at || (label.at === started.at && (label.found || started.found))
