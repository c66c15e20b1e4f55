import { createPrivateKey, type KeyObject } from 'node:crypto'

/** The ways in which a secret may be written. */
export interface Forms {
  /** As they are; every character counts. */
  texts: string[]
  /** Any part of these tells something, if it is long enough. */
  inParts: boolean
}

/**
 * All forms of one secret: as it is, escaped for JSON and for addresses, in hexadecimal, and in base64 however it lies
 * within what was encoded. A private key is looked for in its bytes, whichever of the standards they are written in.
 */
export function formsOf(value: string): Forms {
  const key = readKey(value)
  if (key) return { texts: keyForms(key), inParts: true }
  const bytes = Buffer.from(value)
  const texts = [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    bytes.toString('hex'),
    ...base64Forms(bytes),
  ]
  return { texts: [...new Set(texts)], inParts: looksRandom(value) }
}

/** A word or two that somebody made up tell nothing by their parts. */
const looksRandom = (value: string): boolean => squeeze(value).length >= 32 && value.replace(/\D/g, '').length >= 3

/** Letters and digits only, in lower case: what is left of a text however it was broken up, quoted or joined. */
export const squeeze = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '').toLowerCase()

/** Base64 of some bytes as it stands within that of more bytes: three ways, by where they begin; edges left out. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map(before => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const first = before === 0 ? 0 : before + 1
    return encoded.slice(first, Math.floor(((before + bytes.length) * 8) / 6))
  })
}

function readKey(value: string): KeyObject | null {
  if (!value.includes('PRIVATE KEY')) return null
  try {
    const key = createPrivateKey(value)
    return key.asymmetricKeyType === 'rsa' ? key : null
  } catch {
    return null
  }
}

/** What every RSA key of its length begins with, in bytes. */
const shared = 16

/** PKCS#8 holds the bytes of PKCS#1 behind a head that is the same for all keys; as PEM, and encoded once more, they differ. */
function keyForms(key: KeyObject): string[] {
  const der = key.export({ type: 'pkcs1', format: 'der' }).subarray(shared)
  const texts = (['pkcs1', 'pkcs8'] as const).map(type => {
    const lines = key.export({ type, format: 'pem' }).toString().trim().split('\n')
    // Without the first and last lines, which all keys share.
    return Buffer.from(lines.slice(2, -1).join('\n'))
  })
  return [der, ...texts].flatMap(bytes => [...base64Forms(bytes), bytes.toString('hex')])
}
