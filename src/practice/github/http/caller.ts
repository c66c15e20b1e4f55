import type { IncomingHttpHeaders } from 'node:http'

import { verifyAppToken } from '../auth/app-token.js'
import type { Account } from '../state/types.js'
import type { InstallationToken, World } from '../state/world.js'
import { badCredentials, Refused } from './answer.js'

/** Who sent a request, as its token says. */
export type Caller =
  | { kind: 'anonymous' }
  | { kind: 'app' }
  | { kind: 'installation'; token: InstallationToken }
  | { kind: 'user'; account: Account }

/**
 * Reads the Authorization header (`token …`, `Bearer …`, or Basic with the token as its password, as git sends it).
 * Throws 401 for a token that isn't known, has expired, or belongs to an installation that is gone.
 */
export function identify(world: World, headers: IncomingHttpHeaders): Caller {
  const token = tokenIn(headers.authorization)
  if (token === null) return { kind: 'anonymous' }
  if (token.split('.').length === 3) {
    verifyAppToken(world.app, token)
    return { kind: 'app' }
  }
  const account = world.userTokens.get(token)
  if (account !== undefined) return { kind: 'user', account }
  const installationToken = world.installationTokens.get(token)
  if (installationToken === undefined || installationToken.expiresAt <= Date.now()) throw badCredentials()
  const { installation } = installationToken
  if (!world.installations.has(installation.id)) throw badCredentials()
  if (installation.suspendedAt !== null) throw new Refused(403, 'This installation has been suspended')
  return { kind: 'installation', token: installationToken }
}

function tokenIn(header: string | undefined): string | null {
  const [scheme = '', value = ''] = (header ?? '').split(' ')
  switch (scheme.toLowerCase()) {
    case 'token':
    case 'bearer':
      return value
    case 'basic': {
      const [name = '', password = ''] = Buffer.from(value, 'base64').toString('utf8').split(/:(.*)/s)
      return password === '' || password === 'x-oauth-basic' ? name : password
    }
    case '':
      return null
    default:
      throw badCredentials()
  }
}
