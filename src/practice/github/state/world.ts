import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'

import type { AppIdentity, Deliveries } from '../webhooks/deliveries.js'
import type { RequestRecord } from '../http/record.js'
import { isoSeconds } from './moments.js'
import type { Account, Installation, Permissions, Repository } from './types.js'

/** The App that the practice GitHub knows. */
export interface RegisteredApp {
  id: number
  slug: string
  name: string
  /** PEM of its public key. */
  publicKey: string
  bot: Account
  owner: Account
  permissions: Permissions
  events: string[]
  createdAt: string
}

export interface InstallationToken {
  installation: Installation
  permissions: Permissions
  /** Null: every repository of the installation. */
  repositories: Set<Repository> | null
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** Something that happened, in the words of GitHub's webhooks, whether or not anyone subscribed to it. */
export interface Happening {
  event: string
  action: string | null
  repository: string | null
  sender: string
  payload: Record<string, unknown>
}

/** What somebody who shows a demo may listen to. */
export interface PracticeEvents {
  request: [RequestRecord]
  event: [Happening]
}

/** Everything the practice GitHub knows, besides what lies in git. One per server; all of it in memory. */
export class World {
  /** Root of pages and git, `http://127.0.0.1:PORT`; known once the server listens. */
  web = ''
  readonly events = new EventEmitter<PracticeEvents>()
  readonly accounts = new Map<string, Account>()
  readonly repositories = new Map<string, Repository>()
  /** Logins in lower case of those who are in a team, by `org/slug` in lower case. */
  readonly teams = new Map<string, Set<string>>()
  readonly installations = new Map<number, Installation>()
  readonly installationTokens = new Map<string, InstallationToken>()
  readonly userTokens = new Map<string, Account>()
  readonly nodes = new Map<string, unknown>()
  readonly app: RegisteredApp
  readonly deliveries: Deliveries
  #lastId = 1000

  constructor(make: { app: (world: World) => RegisteredApp; deliveries: (identity: AppIdentity) => Deliveries }) {
    this.app = make.app(this)
    this.deliveries = make.deliveries({ appId: this.app.id, nextId: () => this.nextId() })
  }

  /** Root of the REST interface. */
  get api(): string {
    return `${this.web}/api/v3`
  }

  nextId(): number {
    return ++this.#lastId
  }

  /** An account by its login, in any case. */
  account(login: string): Account | undefined {
    return this.accounts.get(login.toLowerCase())
  }

  addAccount(login: string, type: Account['type']): Account {
    const id = this.nextId()
    const account: Account = { id, nodeId: nodeId(ACCOUNT_PREFIX[type], id), login, type, createdAt: now() }
    this.accounts.set(login.toLowerCase(), account)
    return account
  }

  repository(owner: string, name: string): Repository | undefined {
    return this.repositories.get(`${owner}/${name}`.toLowerCase())
  }

  installationOf(repository: Repository): Installation | undefined {
    for (const installation of this.installations.values()) {
      if (installation.repositories.has(repository)) return installation
    }
    return undefined
  }
}

const ACCOUNT_PREFIX = { User: 'U', Organization: 'O', Bot: 'BOT' } as const

/** The present second, as GitHub writes it. */
export const now = (): string => isoSeconds(Date.now())

/** A GraphQL id in the look of GitHub's: a prefix that tells the type, then what nobody should read. */
export function nodeId(prefix: string, id: number | string): string {
  return `${prefix}_${Buffer.from(`practice:${id}`).toString('base64url')}`
}

/** A token in the look of GitHub's: `ghs_` for installations, `ghp_` for people. */
export const newToken = (prefix: 'ghs' | 'ghp'): string => `${prefix}_${randomBytes(18).toString('hex')}`
