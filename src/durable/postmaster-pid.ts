import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'

/**
 * Process id of the server that runs on this directory, or null. A file left by one that is gone counts for nothing,
 * and is removed when its number now belongs to another program: PostgreSQL would take that for a running server.
 */
export async function postmasterPid(cluster: string): Promise<number | null> {
  const file = join(cluster, 'postmaster.pid')
  const text = await readFile(file, 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  if (!(pid > 0) || !isAlive(pid)) return null
  if (!(await isOtherProgram(pid))) return pid
  await rm(file, { force: true })
  return null
}

async function isOtherProgram(pid: number): Promise<boolean> {
  // Only Linux tells; elsewhere the file is believed. (A dead process that nobody waits for has an empty command line.)
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return command !== null && basename(command.split('\0', 1)[0] ?? '') !== 'postgres'
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
