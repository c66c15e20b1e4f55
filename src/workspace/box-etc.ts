import { createHash, randomBytes } from 'node:crypto'
import { cp, lstat, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Makes the box's /etc below `directory` and returns its path: stubs for the names of users and hosts, and copies of
 * what programs under /usr need. One directory is one mount, where forty files mounted singly took longer than all
 * the rest of the box. Its name tells what it was made from, so it is made once, whole, for every process.
 */
export async function boxEtc(directory: string): Promise<string> {
  const found = await Promise.all(
    ofTheSystem.map(async path => ({
      path,
      changed: await stat(path).then(
        found => found.mtimeMs,
        () => null,
      ),
    })),
  )
  const sources = found.filter(({ changed }) => changed !== null)
  const made = createHash('sha256')
    .update(JSON.stringify([stubs, sources]))
    .digest('hex')
    .slice(0, 12)
  const etc = join(directory, `.etc-${made}`)
  if (await exists(etc)) return etc
  const draft = `${etc}.${randomBytes(4).toString('hex')}`
  await mkdir(draft, { recursive: true, mode: 0o755 })
  for (const { path } of sources) {
    const copy = join(draft, path.slice('/etc/'.length))
    await mkdir(dirname(copy), { recursive: true })
    await cp(path, copy, { recursive: true, verbatimSymlinks: true })
  }
  await Promise.all(Object.entries(stubs).map(([name, text]) => writeFile(join(draft, name), text, { mode: 0o644 })))
  await rename(draft, etc).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true })
    if (!(await exists(etc))) throw error
  })
  return etc
}

const stubs = {
  passwd:
    'root:x:0:0:root:/root:/bin/sh\ncrew:x:1000:1000:crew:/home/crew:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n',
  group: 'root:x:0:\ncrew:x:1000:\nnogroup:x:65534:\n',
  hosts: '127.0.0.1 localhost box\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
}

/** None of it is secret or tells anything about this machine. */
const ofTheSystem = [
  ...[
    '/etc/alternatives',
    '/etc/ld.so.cache',
    '/etc/ld.so.conf',
    '/etc/ld.so.conf.d',
    '/etc/localtime',
    '/etc/timezone',
  ],
  ...['/etc/ssl/certs', '/etc/ssl/openssl.cnf', '/etc/ca-certificates', '/etc/pki/tls/certs', '/etc/mime.types'],
  ...['/etc/python3', '/etc/python3.11', '/etc/python3.12', '/etc/python3.13', '/etc/perl', '/etc/fonts'],
  ...['/etc/java-17-openjdk', '/etc/java-21-openjdk', '/etc/protocols', '/etc/services', '/etc/magic'],
]

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )
