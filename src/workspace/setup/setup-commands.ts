import type { SetupFailure, SetupLimits, SetupOrder } from '../../domain/setup.js'
import type { Box } from '../box.js'
import { openWayOut, type WayOut } from './way-out.js'

/** Runs the commands one after the other in the tree, with the way to their registries open. Null: all went well. */
export async function runSetup(
  order: SetupOrder,
  {
    box,
    boxed,
    tree,
    limits,
    signal,
  }: {
    box: Box
    /** Whether the box has no network, so that the way out must be opened. */
    boxed: boolean
    tree: string
    limits: SetupLimits
    signal: AbortSignal
  },
): Promise<{ failure: SetupFailure | null; refused: WayOut['refused'] }> {
  const { commands, registries } = order
  const seconds = Math.min(order.timeoutSeconds ?? Infinity, limits.minutes * 60)
  const wayOut = boxed ? await openWayOut({ registries, privateRegistries: limits.privateRegistries }) : null
  const refused = wayOut?.refused ?? []
  const failed = (command: string, how: string, output: string) => ({
    failure: { kind: 'failed' as const, command, how, output: lastOf(output), refused: [...refused] },
    refused,
  })
  const until = performance.now() + seconds * 1000
  try {
    for (const command of commands) {
      const left = (until - performance.now()) / 1000
      if (left <= 0) return failed(command, `wasn't reached within ${seconds} s`, '')
      const result = await box.run({ command, tree, timeoutSeconds: left, signal, ...(wayOut && { wayOut }) })
      if ('refused' in result) return failed(command, `could not be run: ${result.refused}`, '')
      if (result.timedOut) return failed(command, `was stopped: setup may take ${seconds} s`, result.output)
      if (result.exitCode !== 0)
        return failed(command, `ended with exit code ${result.exitCode ?? 'unknown, being stopped'}`, result.output)
    }
    return { failure: null, refused }
  } finally {
    await wayOut?.close()
  }
}

const kept = { lines: 30, characters: 3000 }

const lastOf = (output: string): string =>
  output.trimEnd().split('\n').slice(-kept.lines).join('\n').slice(-kept.characters)
