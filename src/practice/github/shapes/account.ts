import type { Account } from '../state/types.js'
import type { World } from '../state/world.js'
import type { Shape } from './shape.js'

/** `simple-user`. */
export function shapeAccount(world: World, account: Account): Shape {
  const url = `${world.api}/users/${encodeURIComponent(account.login)}`
  const page = account.type === 'Bot' ? `apps/${account.login.replace(/\[bot\]$/, '')}` : account.login
  return {
    login: account.login,
    id: account.id,
    node_id: account.nodeId,
    avatar_url: `${world.web}/avatars/u/${account.id}`,
    gravatar_id: '',
    url,
    html_url: `${world.web}/${page}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  }
}

/** The address that GitHub gives commits of an account. */
export const accountEmail = (account: Account): string => `${account.id}+${account.login}@users.noreply.github.com`
