import type { WorkflowStatus } from '@dbos-inc/dbos-sdk'
import type { Engine } from '../ports.js'
import { isUnderWay } from './agreed-names.js'

type Summary = Awaited<ReturnType<Engine['list']>>[number]

/** A workflow as the front door and the operator see it. The output of one that failed is `{ error: <its text> }`. */
export function summary(workflow: WorkflowStatus): Summary {
  const { workflowID: id, input, output, error } = workflow
  const failure = error as Error | null | undefined
  return {
    id,
    state: stateOf(workflow),
    input: input?.[0] ?? null,
    output: failure ? { error: failure.message } : (output ?? null),
  }
}

function stateOf({ workflowID, status }: WorkflowStatus): Summary['state'] {
  if (isUnderWay(status)) return 'active'
  switch (status) {
    case 'SUCCESS':
      return 'done'
    case 'ERROR':
    case 'MAX_RECOVERY_ATTEMPTS_EXCEEDED':
      return 'failed'
    case 'CANCELLED':
      return 'cancelled'
    default:
      throw new Error(`The workflow "${workflowID}" is in a state that is not known: ${status}.`)
  }
}
