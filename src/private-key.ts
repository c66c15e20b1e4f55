import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A usable key in PKCS#8 PEM, or a sentence on what was found instead. Neither ever shows the key. */
export type PrivateKeyResult = { ok: true; pem: string } | { ok: false; problem: string }

/** Reads the file that PRIVATE_KEY_PATH names. */
export function readPrivateKeyFile(path: string): PrivateKeyResult {
  try {
    return readPrivateKey(readFileSync(path, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : message
    return { ok: false, problem: `the file ${path} can't be used: ${why}` }
  }
}

/**
 * Checks what PRIVATE_KEY holds, in any form that Probot takes: PEM with line breaks, with `\n` written out, on one line with
 * spaces instead, or all of it in base64.
 */
export function readPrivateKey(given: string): PrivateKeyResult {
  const pem = toPem(given)
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1]
  if (label === undefined) return no('it is not a PEM text: the line “-----BEGIN RSA PRIVATE KEY-----” is missing')
  if (label.includes('CERTIFICATE')) return no('it is a certificate, not a private key')
  if (label.includes('PUBLIC KEY')) return no('it is the public half of a key')
  if (label.includes('OPENSSH')) return no('it is an SSH key')
  if (label.includes('ENCRYPTED') || pem.includes('Proc-Type: 4,ENCRYPTED'))
    return no('it is protected by a passphrase')
  if (!label.endsWith('PRIVATE KEY')) return no(`it is a ${label.toLowerCase()}`)
  if (!pem.includes(`-----END ${label}-----`)) {
    return no(
      `it is cut off: the line “-----END ${label}-----” is missing (in .env, a key of several lines needs quotes)`,
    )
  }

  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    return no('its content is damaged: some of it is missing or was changed')
  }
  if (key.asymmetricKeyType !== 'rsa') {
    return no(`it is a key of the kind ${key.asymmetricKeyType ?? 'unknown'}, and GitHub's are RSA`)
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < 2048) return no(`it is an RSA key of ${bits} bits, and GitHub's have 2048`)
  return { ok: true, pem: key.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

function toPem(given: string): string {
  const text = given.trim().replaceAll('\\n', '\n')
  const decoded = text.includes('-----') ? text : Buffer.from(text, 'base64').toString('utf8')
  const oneLine = /^(-----BEGIN [A-Z0-9 ]+-----) +([^-]+?) *(-----END [A-Z0-9 ]+-----)$/.exec(decoded.trim())
  if (!oneLine) return decoded.trim()
  const [, begin, body = '', end] = oneLine
  return [begin, ...body.trim().split(/ +/), end].join('\n')
}

function no(problem: string): PrivateKeyResult {
  return { ok: false, problem }
}
