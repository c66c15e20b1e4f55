import { verify } from 'node:crypto'

import { z } from 'zod'

import { Refused } from '../http/answer.js'
import type { RegisteredApp } from '../state/world.js'

/**
 * Holds the token that an App signs for itself (a JWT) against GitHub's rules: RS256 by its key, issued by it, not
 * expired, and expiring in ten minutes at most. Throws 401 in GitHub's words.
 * https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export function verifyAppToken(app: RegisteredApp, token: string): void {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const { alg } = Header.catch({ alg: '' }).parse(json(header))
  const claims = Claims.safeParse(json(payload))
  const signed = Buffer.from(`${header}.${payload}`)
  const undecodable = new Refused(401, 'A JSON web token could not be decoded')
  if (alg !== 'RS256' || !verify('RSA-SHA256', signed, app.publicKey, Buffer.from(signature, 'base64url')))
    throw undecodable
  if (!claims.success) throw new Refused(401, missingClaim(json(payload)))
  const { iss, iat, exp } = claims.data
  const now = Math.floor(Date.now() / 1000)
  if (String(iss) !== String(app.id) && iss !== `Iv1.practice${app.id}`) throw new Refused(404, 'Integration not found')
  if (exp <= now) throw new Refused(401, EXPIRED)
  if (exp > now + TEN_MINUTES) throw new Refused(401, "'Expiration time' claim ('exp') is too far in the future")
  if (iat > now + CLOCK_SKEW) throw new Refused(401, NOT_ISSUED)
}

const TEN_MINUTES = 600
const CLOCK_SKEW = 60
const EXPIRED =
  "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
const NOT_ISSUED = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"

const Header = z.object({ alg: z.string() })
const Claims = z.object({ iss: z.union([z.string(), z.number()]), iat: z.int(), exp: z.number() })

function missingClaim(payload: unknown): string {
  const claims = z.object({ iat: z.unknown(), exp: z.unknown() }).partial().catch({}).parse(payload)
  if (!Number.isInteger(claims.iat)) return NOT_ISSUED
  return typeof claims.exp === 'number' ? "Missing 'issuer' claim ('iss') in assertion" : EXPIRED
}

function json(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}
