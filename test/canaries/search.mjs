import { createPrivateKey } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Looks for the canaries of a directory (`planted/`) in all that was written there (`written/`), as they are and encoded.
 * Resolves with the places, which never hold the value, and with how much was looked at.
 */
export async function searchForCanaries(directory) {
  const canaries = []
  for (const file of await filesIn(join(directory, 'planted')))
    for (const line of (await readFile(file, 'utf8')).split('\n').filter(Boolean)) canaries.push(JSON.parse(line))
  const probes = index(canaries)
  const places = new Map()
  let bytes = 0
  for (const file of await filesIn(join(directory, 'written'))) {
    const content = await readFile(file)
    bytes += content.length
    for (const { kind, form, at } of search(content, probes)) {
      const place = `${kind}, ${form}, in ${file.slice(directory.length + 1)}`
      places.set(place, [...(places.get(place) ?? []), at])
    }
  }
  const found = [...places].map(
    ([place, at]) =>
      `${place} at byte ${at.slice(0, 3).join(', ')}${at.length > 3 ? ` and ${at.length - 3} more` : ''}`,
  )
  return { found, canaries: canaries.length, bytes }
}

async function filesIn(folder) {
  const names = await readdir(folder).catch(() => [])
  return names.sort((a, b) => (a < b ? -1 : 1)).map(name => join(folder, name))
}

/** The forms in which a value is looked for. Written without a look at how the App finds secrets, to judge that. */
function formsOf(value) {
  if (value.includes('PRIVATE KEY')) return keyForms(value)
  return [
    ['as it is', value],
    ['in JSON', JSON.stringify(value).slice(1, -1)],
    ['in an address', encodeURIComponent(value)],
    ['in hexadecimal', Buffer.from(value).toString('hex')],
    ...inBase64(Buffer.from(value)),
  ]
}

function keyForms(pem) {
  const key = createPrivateKey(pem)
  return ['pkcs1', 'pkcs8'].flatMap(type => {
    const text = key.export({ type, format: 'pem' })
    const lines = text.trim().split('\n').slice(2, -2)
    const middle = Buffer.from(text).subarray(400, 460)
    return [
      ...lines.map(line => ['a line of it', line]),
      ...lines.map(line => ['a line of it in an address', encodeURIComponent(line)]),
      ['in hexadecimal', key.export({ type, format: 'der' }).subarray(100, 130).toString('hex')],
      ...inBase64(middle),
    ]
  })
}

/** However it lies within what was encoded. */
function inBase64(bytes) {
  return [0, 1, 2].flatMap(before => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(2)]).toString('base64')
    const form = encoded.slice(before + 2, -6)
    return [form, form.replaceAll('+', '-').replaceAll('/', '_')].map(text => ['in base64', text])
  })
}

/** Probes by their first four bytes, and which first two bytes there are at all. */
function index(canaries) {
  const byStart = new Map()
  const starts = new Uint8Array(1 << 16)
  for (const { kind, value } of canaries)
    for (const [form, text] of formsOf(value)) {
      const probe = Buffer.from(text)
      if (probe.length < 12) continue
      const start = probe.readUInt32BE(0)
      starts[start >>> 16] = 1
      byStart.set(start, [...(byStart.get(start) ?? []), { kind, form, probe }])
    }
  return { byStart, starts }
}

function search(content, { byStart, starts }) {
  const found = []
  for (let at = 0; at + 12 <= content.length; at++) {
    if (!starts[(content[at] << 8) | content[at + 1]]) continue
    for (const { kind, form, probe } of byStart.get(content.readUInt32BE(at)) ?? [])
      if (content.subarray(at, at + probe.length).equals(probe)) found.push({ kind, form, at })
  }
  return found
}
