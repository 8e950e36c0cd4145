import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { AtpSessionData } from '@atproto/api'
import type { NodeSavedSession } from '@atproto/oauth-client-node'
import { ShardexError } from '@shardex/errors'

/** A session as it is kept, tokens and all. */
export type SavedSession = SavedAppPassword | SavedOAuth

interface Saved {
  readonly did: string
  readonly handle: string
  /** The origin of the PDS. */
  readonly pds: string
}

/** Of an app password; the password itself is not kept. */
export interface SavedAppPassword extends Saved {
  readonly kind: 'app-password'
  readonly session: AtpSessionData
}

export interface SavedOAuth extends Saved {
  readonly kind: 'oauth'
  /** The client is known to the server by it. */
  readonly redirectUri: string
  readonly session: NodeSavedSession
}

/** Sessions of one user on one machine: a file for each account that nobody else may read. */
export interface SessionFiles {
  readonly folder: string
  read(did: string): SavedSession | undefined
  /** By handle. */
  list(): SavedSession[]
  /** At once and whole: a token that was renewed is worth nothing if it is not kept. */
  write(session: SavedSession): void
  /** With whatever was being written of it when its process was killed. */
  remove(did: string): void
  /** Takes away what killed processes have left in writing. */
  sweep(): void
}

const SUFFIX = '.json'
/** What is being written: `did%3Aplc%3Ax.json.<uuid>`. It takes milliseconds. */
const UNFINISHED = /\.json\.[0-9a-f-]{36}$/
const ABANDONED_MS = 60_000

/** @param folder need not be there */
export function openSessionFiles(folder: string): SessionFiles {
  const pathOf = (did: string): string => join(folder, encodeURIComponent(did) + SUFFIX)

  function read(did: string): SavedSession | undefined {
    const text = textOf(pathOf(did))
    const saved = text === undefined ? undefined : parse(text)
    return saved?.did === did ? saved : undefined
  }

  const unfinished = (): string[] =>
    namesIn(folder)
      .filter((name) => UNFINISHED.test(name))
      .map((name) => join(folder, name))

  return {
    folder,
    read,
    list() {
      const names = namesIn(folder).filter((name) => name.endsWith(SUFFIX))
      return names.flatMap((name) => read(didOf(name)) ?? []).sort((a, b) => (a.handle < b.handle ? -1 : 1))
    },
    write(session) {
      const temporary = `${pathOf(session.did)}.${randomUUID()}`
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        const file = openSync(temporary, 'wx', 0o600)
        try {
          writeFileSync(file, JSON.stringify(session))
          fsyncSync(file)
        } finally {
          closeSync(file)
        }
        renameSync(temporary, pathOf(session.did))
      } catch (cause) {
        rmSync(temporary, { force: true })
        const found = codeOf(cause)
        const message = `the session cannot be kept in ${folder} (${found}); make it a folder that you can write to, or set XDG_CONFIG_HOME`
        throw new ShardexError(
          'config.invalid',
          { setting: folder, found, wanted: 'a folder that can be written to' },
          { message, cause },
        )
      }
    },
    remove(did) {
      rmSync(pathOf(did), { force: true })
      for (const path of unfinished()) if (path.startsWith(pathOf(did))) rmSync(path, { force: true })
    },
    sweep() {
      for (const path of unfinished()) {
        const changedAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
        if (Date.now() - changedAtMs > ABANDONED_MS) rmSync(path, { force: true })
      }
    },
  }
}

function didOf(name: string): string {
  try {
    return decodeURIComponent(name.slice(0, -SUFFIX.length))
  } catch {
    return ''
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** What is not a session as we write it, is none. */
function parse(text: string): SavedSession | undefined {
  try {
    const { did, handle, pds, kind, session, redirectUri } = Object(JSON.parse(text)) as Record<string, unknown>
    const isWhole =
      [did, handle, pds].every((value) => typeof value === 'string') && typeof session === 'object' && session !== null
    if (!isWhole || URL.parse(String(pds)) === null) return undefined
    if (kind === 'app-password') return { did, handle, pds, kind, session } as SavedAppPassword
    return kind === 'oauth' && typeof redirectUri === 'string'
      ? ({ did, handle, pds, kind, session, redirectUri } as SavedOAuth)
      : undefined
  } catch {
    return undefined
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
