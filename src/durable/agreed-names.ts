/** What all processes on one database agree on. */

/** Channels on which they tell each other, with a workflow's id. */
export const CHANNEL = { mail: 'issue_crew_mail', cancel: 'issue_crew_cancel' } as const

/** DBOS's states of a workflow that has not ended. */
const underWay = ['PENDING', 'ENQUEUED', 'DELAYED']
export const isUnderWay = (status: string): boolean => underWay.includes(status)
/** The same for `status IN …`. */
export const UNDER_WAY = `(${underWay.map(state => `'${state}'`).join(', ')})`

/** First of the two keys of every advisory lock; the second is a slot's number, or the one below. */
export const LOCK_SPACE = 1_668_441_463
export const MIGRATION_LOCK = -1
