/** What the operator allows all runs together, and how much of an issue is read. Survives JSON. */
export interface Limits {
  /** US dollars for one UTC day. */
  usdPerDay: { repository: number; installation: number }
  /** Runs whose agents are at work at the same time. */
  runsAtOnce: { repository: number; installation: number }
  /** Plans for one issue within an hour. */
  plansPerHour: number
  /** Characters of an issue's text that models see. */
  issueCharacters: number
  /** Comments that models see: the newest, and so many characters of each. */
  comments: number
  commentCharacters: number
  /** Milliseconds from one edit of a status comment to the next, at least. */
  statusSpacingMs: number
}

/** What may stay on a worker's disk. Survives JSON. */
export interface DiskLimits {
  /** Of clones, of worktrees beside them, and of what setups left, together. */
  bytes: number
  /** After so many days a clone that nobody used goes. */
  days: number
}

/** Where the operator says nothing else. */
export const usualDisk: DiskLimits = { bytes: 20 * 1024 ** 3, days: 90 }

/** Where the operator says nothing else. */
export const usualLimits: Limits = {
  usdPerDay: { repository: 50, installation: 200 },
  runsAtOnce: { repository: 4, installation: 12 },
  plansPerHour: 10,
  issueCharacters: 30_000,
  comments: 30,
  commentCharacters: 5_000,
  statusSpacingMs: 3_000,
}
