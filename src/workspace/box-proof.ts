import { createServer } from 'node:net'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { boxUser } from './box-user.js'
import type { Box } from './box.js'
import { makePlace, placeOf } from './trees-directory.js'

/**
 * Tries in a box of its own what must not be possible there, once at start-up. Null when the box holds; else a
 * sentence, fit for a pull request, that names everything that failed.
 */
export async function proveBox(box: Box, treesDir: string): Promise<string | null> {
  const secret = `crew-canary-${randomBytes(12).toString('hex')}`
  const place = placeOf(treesDir, `proof-${secret}`)
  await makePlace(place)
  const listener = createServer(socket => socket.destroy())
  process.env['CREW_CANARY'] = secret
  try {
    await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(0, '127.0.0.1', resolve))
    const address = listener.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const result = await box.run({
      command: attempts({ secret, port, outside: treesDir }),
      tree: place.tree,
      timeoutSeconds: 20,
      signal: new AbortController().signal,
    })
    if ('refused' in result)
      return /Can't find source path .*Permission denied/.test(result.refused)
        ? `the sandbox's user can't reach the worktrees in ${treesDir}`
        : result.refused
    if (result.timedOut) return 'the proof of the sandbox did not end within 20 s'
    const failed = result.output.split('\n').flatMap(line => (line.startsWith('FAILED ') ? [line.slice(7)] : []))
    if (!result.output.includes('DONE')) failed.push(`its proof ended early (${result.output.trim().slice(-300)})`)
    const kept = await stat(join(place.tree, 'written')).catch(() => null)
    if (!kept) failed.push('what a command writes does not reach the repository')
    else if (kept.uid !== (boxUser?.uid ?? process.getuid?.()))
      failed.push('commands run as another user than they should')
    return failed.length === 0 ? null : `the sandbox does not hold on this machine: ${failed.join('; ')}`
  } finally {
    delete process.env['CREW_CANARY']
    listener.close()
    await rm(place.directory, { recursive: true, force: true })
  }
}

/** Each line tries one thing and names it when it went the wrong way. The secret is put together only when it is looked for. */
function attempts({ secret, port, outside }: { secret: string; port: number; outside: string }): string {
  const half = secret.length / 2
  return `
deny() { local name="$1"; shift; if ( "$@" ) >/dev/null 2>&1; then echo "FAILED $name"; fi; }
touch written || echo "FAILED the repository can't be written to"
deny "the network can be reached" bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}'
grep -v -e Inter- -e face -e ' lo:' /proc/net/dev && echo "FAILED there is a network interface"
canary="${secret.slice(0, half)}""${secret.slice(half)}"
grep -a -l -e "$canary" /proc/[0-9]*/environ 2>/dev/null && echo "FAILED the host's environment can be read"
deny "kernel settings can be changed" sh -c ': >> /proc/sys/kernel/domainname'
deny "the system can be written to" touch /usr/crew-proof
deny "the root directory can be written to" touch /crew-proof
deny "/etc can be written to" touch /etc/crew-proof
deny "the host's directories can be seen" test -e '${outside}'
deny "another user namespace can be made" unshare --user true
command -v unshare >/dev/null || echo "FAILED unshare is not installed, so that user namespaces can't be tried"
test "$(ulimit -u)" = 512 || echo "FAILED the number of processes is not limited"
grep -q '^CapEff:.*0000000000000000$' /proc/self/status || echo "FAILED commands have capabilities"
echo DONE
`
}
