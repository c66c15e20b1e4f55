import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { CrewSight } from '../../src/cli/crew.js'
import type { PracticeStage } from '../../src/cli/practice-stage.js'
import { canaryEnvironment } from './canaries.js'
import type { CompiledSources } from '../../scripts/compile-sources.mjs'
import { eventually } from './eventually.js'

/** The App of a stage in a process of its own. */
export interface KillableCrew {
  /** SIGKILL: it ends where it stands. */
  kill(): Promise<void>
}

/**
 * Starts the App on what the stage's own, which must be stopped, has left. GitHub's webhooks go to it from then on. What
 * happens in it comes to `sights`, and what it logs (warnings and worse) to `logged`.
 */
export async function startKillableCrew(
  stage: PracticeStage,
  { sources, sights, logged }: { sources: CompiledSources; sights: CrewSight[]; logged: string[] },
): Promise<KillableCrew> {
  const child = spawn(process.execPath, [sources.path('test/support/crew-process.js'), JSON.stringify(stage.config)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...canaryEnvironment() },
  })
  const ended = once(child, 'exit')
  let url: string | null = null
  createInterface({ input: child.stdout }).on('line', line => {
    if (line.startsWith('{')) sights.push(JSON.parse(line) as CrewSight)
    else url = line
  })
  createInterface({ input: child.stderr }).on('line', line => logged.push(line))
  const webhookUrl = await eventually(() => {
    if (child.exitCode !== null) throw new Error(`The App did not start:\n${logged.join('\n')}`)
    return url
  })
  stage.github.sendWebhooksTo({ url: webhookUrl, secret: stage.webhookSecret })
  return {
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
