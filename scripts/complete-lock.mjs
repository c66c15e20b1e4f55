#!/usr/bin/env node
/**
 * Sees that package-lock.json works on every machine.
 *
 *   node scripts/complete-lock.mjs            adds what is missing
 *   node scripts/complete-lock.mjs --check    only says what is missing, and fails
 *
 * Native packages come in one variant per platform, each an optional dependency. Where a registry (a mirror that holds only
 * some of them) doesn't offer a variant, npm leaves it out of the lock file without a word, and from npm 11 on `npm ci`
 * refuses such a file as out of step. The parent pins the version, and the name says the platform, so the entry can be written
 * without asking anybody; its checksum is filled in by the next `npm install` on a machine of that platform.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

const file = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const lock = JSON.parse(readFileSync(file, 'utf8'))
const missing = findMissing()
const addresses = Object.keys(lock.packages).filter(place => lock.packages[place].resolved)

if (process.argv.includes('--check')) {
  for (const { parent, name } of missing)
    console.error(`package-lock.json lacks ${name}, which ${parent} needs on another platform`)
  for (const place of addresses) console.error(`package-lock.json holds a download address for ${place}`)
  if (missing.length + addresses.length > 0) {
    console.error('Run: node scripts/complete-lock.mjs')
    process.exitCode = 1
  }
} else {
  for (const { place, entry } of missing) lock.packages[place] = entry
  for (const place of addresses) delete lock.packages[place].resolved
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
}
console.log(`${missing.length} packages missing, ${addresses.length} download addresses`)

function findMissing() {
  const found = new Map()
  for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const place = `node_modules/${name}`
      if (lock.packages[place] || lock.packages[`${parent}/${place}`]) continue
      found.set(place, { parent, name, place, entry: describe({ name, version, dev }) })
    }
  }
  return [...found.values()]
}

function describe({ name, version, dev }) {
  const words = name.split('/').at(-1).split('-')
  const os = words.find(word => SYSTEMS.includes(word))
  const cpu = words.find(word => PROCESSORS.includes(word))
  if (!os || !cpu || !/^\d+\.\d+\.\d+/.test(version))
    throw new Error(`Can't tell the platform of ${name}@${version}: add it by hand`)
  const libc = words.some(word => word.startsWith('musl'))
    ? 'musl'
    : words.some(word => word.startsWith('gnu'))
      ? 'glibc'
      : null
  return {
    version,
    cpu: [cpu],
    ...(dev && { dev }),
    ...(os === 'linux' && libc && { libc: [libc] }),
    optional: true,
    os: [os],
  }
}
