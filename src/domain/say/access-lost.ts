import { inlineCode } from '../code-markdown.js'
import type { LostAccess } from '../event.js'
import { nameTasks } from '../task-numbers.js'

/** Why a run ended, and what of it is done. `done`: numbers of the tasks that were over. Often only log and records can say it. */
export function accessLostText(
  lost: { by: { login: string } | null; why: LostAccess },
  done: readonly number[],
): string {
  const who = lost.by === null ? 'Somebody' : inlineCode(lost.by.login)
  const tasks =
    done.length === 0 ? 'No task was done yet.' : `Done were: ${nameTasks(done)}; their commits stay on their branch.`
  return `${who} ${did[lost.why]}. ${tasks}`
}

const did: Record<LostAccess, string> = {
  uninstalled: 'uninstalled me',
  suspended: 'suspended my installation',
  removed: 'took this repository from my installation',
  'out-of-reach': 'took this repository out of my reach',
}
