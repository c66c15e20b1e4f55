import type { DLogger } from '@dbos-inc/dbos-sdk'

/**
 * DBOS's log, reduced to what an operator can use: warnings and errors, one line each. Failures of workflows are not
 * among them, because the engine tells of those itself, nor are workflows without code here, nor what it says when an
 * execution is cancelled or stopped.
 */
export function quietLogger(log: (line: string) => void, stopping: () => boolean): DLogger {
  const line = (entry: unknown): void => {
    const text = (typeof entry === 'string' ? entry : String(entry)).split('\n', 1)[0] ?? ''
    if (!stopping() && !EXPECTED.test(text)) log(`Durable engine: ${text}`)
  }
  return {
    debug: () => {},
    info: () => {},
    warn: line,
    error: (entry, metadata) => {
      if (metadata?.error === undefined) line(entry)
    },
  }
}

const EXPECTED =
  /is no longer owned by this execution|was cancelled during execution|Cannot find workflow function|DBOS system database migrations/
