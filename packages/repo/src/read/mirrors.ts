import { describe, isShardexError, ShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import { isObjectKey, type ParsedUrl, parseUrl } from '@shardex/storage'
import { planShards, type ShardSource } from './plan-shards.ts'

const MAX_MIRRORS = 16
const MAX_URL_LENGTH = 2048

/**
 * Where copies of an entry's shards lie: the base URLs that its metadata lists under `mirrors`, each ending with `/`. An entry may come from
 * anybody, so it cannot send a reader of remote shards to the files of this machine.
 * @throws `index.corrupt` for anything but at most 16 URLs that can be read
 */
export function mirrorsOf(entry: Entry): readonly string[] {
  const listed = entry.metadata?.['mirrors']
  if (listed === undefined) return []
  if (!Array.isArray(listed)) throw wrong(entry, describe(listed), 'a list of base URLs')
  if (listed.length > MAX_MIRRORS) throw wrong(entry, `${listed.length} of them`, `at most ${MAX_MIRRORS}`)
  let local: boolean | undefined
  return listed.map((mirror: unknown) => {
    const parsed = parseMirror(entry, mirror)
    if (parsed.scheme === 'file') {
      local ??= planShards(entry.dataUrls, entry).every(({ url }) => isLocal(url))
      if (!local) throw wrong(entry, `the local ${describe(mirror)}`, 'no local mirror of remote shards')
    }
    return baseOf(parsed)
  })
}

/**
 * The same shard in another place: the file name of its URL after the base of the mirror.
 * @throws `url.invalid` for a shard whose URL does not end with a file name
 */
export function mirrored(shard: ShardSource, mirror: string): ShardSource {
  const name = fileNameOf(shard.url)
  const url = mirror + (/^https?:/.test(mirror) ? encodeURIComponent(name) : name)
  return { ...shard, url, ...(shard.description && { description: { ...shard.description, url } }) }
}

function parseMirror(entry: Entry, mirror: unknown): ParsedUrl {
  if (typeof mirror !== 'string' || mirror.length > MAX_URL_LENGTH)
    throw wrong(entry, describe(mirror), `URLs of at most ${MAX_URL_LENGTH} characters`)
  let parsed: ParsedUrl
  try {
    parsed = parseUrl(mirror)
  } catch (error) {
    if (!isShardexError(error)) throw error
    throw wrong(entry, error.message, 'base URLs', error)
  }
  if (parsed.scheme === 'file' && !/^(\/|file:)/i.test(mirror)) throw wrong(entry, describe(mirror), 'absolute paths')
  if ('url' in parsed && parsed.url.search + parsed.url.hash !== '')
    throw wrong(entry, describe(mirror), 'URLs that a file name can be appended to')
  return parsed
}

function baseOf(parsed: ParsedUrl): string {
  switch (parsed.scheme) {
    case 'file':
      return withSlash(parsed.path)
    case 's3':
      return withSlash(`s3://${parsed.bucket}/${parsed.key}`)
    default:
      return withSlash(parsed.url.href)
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

function isLocal(url: string): boolean {
  try {
    return parseUrl(url).scheme === 'file'
  } catch {
    return false
  }
}

function fileNameOf(url: string): string {
  const parsed = parseUrl(url)
  const path = parsed.scheme === 'file' ? parsed.path : parsed.scheme === 's3' ? parsed.key : parsed.url.pathname
  const last = path.slice(path.lastIndexOf('/') + 1)
  const name = 'url' in parsed ? decoded(last) : last
  if (name !== undefined && isObjectKey(name) && !name.includes('/')) return name
  const message = `the shard ${url} has no file name, so it cannot be looked for in a mirror`
  throw new ShardexError('url.invalid', { url, found: describe(last), wanted: 'a file name' }, { message })
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

function wrong({ name, cid }: Entry, found: string, wanted: string, cause?: unknown): ShardexError {
  const where = `metadata "mirrors" of ${name} (${cid})`
  const message = `${where} cannot be used: found ${found}, wanted ${wanted}. Commit the entry again with other metadata, or read it without onCorrupt: 'refetch'.`
  return new ShardexError('index.corrupt', { where, found, wanted }, { message, cause })
}
