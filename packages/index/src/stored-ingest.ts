import { describe } from '@shardex/errors'
import type { GarbageMark, Ingest, IngestShard } from './ingest.ts'
import { corrupt, unusable } from './refusals.ts'

/** Journals, marks and the id of the registry as both backends keep them, checked. Each throws `index.corrupt`. */

type Unchecked<T, Field extends keyof T> = Omit<T, Field> & { readonly [key in Field]: string }

export function toIngest(stored: Unchecked<Ingest, 'state' | 'layout'>): Ingest {
  const { id, state, layout, cid } = stored
  const refuse = (found: string, wanted: string): never => {
    throw corrupt(`the ingest ${JSON.stringify(id)}`, found, wanted)
  }
  if (state !== 'open' && state !== 'committed' && state !== 'abandoned')
    return refuse(`the state ${describe(state)}`, 'open, committed or abandoned')
  if (layout !== 'sequence' && layout !== 'content') return refuse(`the layout ${describe(layout)}`, 'sequence or content')
  if ((cid !== undefined) !== (state === 'committed'))
    return refuse(`it ${state} with ${describe(cid)}`, 'a CID if it is committed')
  return Object.freeze({ ...stored, state, layout })
}

/** @param urls JSON */
export function toIngestShard(id: string, number: number, urls: string, description: Uint8Array): IngestShard {
  return { number, description, urls: toUrls(urls, `shard ${number} of the ingest ${JSON.stringify(id)}`) }
}

export function toMark(url: string, state: string, markedAtMs: number): GarbageMark {
  if (state !== 'marked' && state !== 'deleting')
    throw corrupt(`the mark of ${JSON.stringify(url)}`, `the state ${describe(state)}`, 'marked or deleting')
  return Object.freeze({ url, markedAtMs, state })
}

export function markCursor({ markedAtMs, url }: GarbageMark): string {
  return `${markedAtMs} ${url}`
}

/** @throws {ShardexError} `usage.invalid` */
export function cutMarkCursor(cursor: string | undefined): { readonly afterMs: number; readonly afterUrl: string } {
  if (cursor === undefined) return { afterMs: -1, afterUrl: '' }
  const parts = /^(\d{1,15}) (.*)$/s.exec(cursor)
  if (parts) return { afterMs: Number(parts[1]), afterUrl: parts[2] ?? '' }
  throw unusable('cursor', describe(cursor), 'the cursor of the page before')
}

export function uuidOf(stored: unknown, where: string): string {
  if (typeof stored === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(stored)) return stored
  throw corrupt(where, describe(stored), 'a UUID')
}

function toUrls(json: string, where: string): readonly string[] {
  let urls: unknown
  try {
    urls = JSON.parse(json)
  } catch (error) {
    throw corrupt(where, describe(json), 'its URLs in JSON', error)
  }
  if (!Array.isArray(urls) || !urls.every((url) => typeof url === 'string'))
    throw corrupt(where, describe(urls), 'an array of URLs')
  return Object.freeze(urls)
}
