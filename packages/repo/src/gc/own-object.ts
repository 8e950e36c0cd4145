import { isOwnUuid } from '../ingest/own-uuid.ts'

/**
 * How shardex spells what it writes, so that nothing else is ever taken for it. A name holds a UUID or a SHA-256, so it is enough to know an
 * object by, however the rest of its URL is spelled.
 */

/** What the URLs of an insert's objects start with. */
export interface Base {
  readonly url: string
  readonly layout: 'sequence' | 'content'
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const UUID_LENGTH = 36
const INSERT = `data--${UUID}--`
const NUMBERED = `${INSERT}\\d{6,12}\\.tar`
const DIGEST = `[0-9a-f]{64}(?:--${UUID})?`
const DIGESTED = `${DIGEST}\\.tar`

/** A shard, or what may lie beside it: its offset index, what a repair has put aside of either, and its manifest. */
const ENDINGS = '(?:\\.tar(?:\\.idx)?(?:\\.quarantine-[0-9a-f]{12})?|\\.manifest\\.(?:json|parquet))'

const NUMBERED_URL = new RegExp(`^(.*/${INSERT})\\d{6,12}${ENDINGS}$`, 's')
const DIGESTED_URL = new RegExp(`^(.*/content/${UUID}/)${DIGEST}${ENDINGS}$`, 's')
const AT_END = new RegExp(`${ENDINGS}$`)
const NAMES = new RegExp(`${NUMBERED}|${DIGESTED}`, 'g')
const INSERTS = new RegExp(INSERT, 'g')

/** Whether an insert of this registry can have named it so: others may write journals, too. */
export function isOwnBase({ url, layout }: Base, registryId: string): boolean {
  const name = layout === 'sequence' ? '000000.tar' : `${'0'.repeat(64)}.tar`
  const base = baseOfUrl(url + name)
  if (base?.url !== url || base.layout !== layout) return false
  if (layout === 'content') return url.endsWith(`/content/${registryId}/`)
  return isOwnUuid(url.slice(-UUID_LENGTH - '--'.length, -'--'.length), registryId)
}

/** The base below which an object lies that is spelled like ours. */
export function baseOfUrl(url: string): Base | undefined {
  const numbered = NUMBERED_URL.exec(url)?.[1]
  if (numbered !== undefined) return { url: numbered, layout: 'sequence' }
  const digested = DIGESTED_URL.exec(url)?.[1]
  return digested === undefined ? undefined : { url: digested, layout: 'content' }
}

/** What a shard and all that lies beside it are known by. */
export function nameOfUrl(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1).replace(AT_END, '.tar')
}

/** The names of our objects that are mentioned anywhere in a text. */
export function namesIn(text: string): string[] {
  return spellingsOf(text).flatMap((spelling) => spelling.match(NAMES) ?? [])
}

/** What the names of all objects of an insert start with, for every insert mentioned anywhere in a text. */
export function insertsIn(text: string): string[] {
  return spellingsOf(text).flatMap((spelling) => spelling.match(INSERTS) ?? [])
}

function spellingsOf(text: string): string[] {
  if (!text.includes('%')) return [text]
  try {
    return [text, decodeURIComponent(text)]
  } catch {
    return [text]
  }
}
