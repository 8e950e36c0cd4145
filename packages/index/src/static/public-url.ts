import { isObjectKey } from '@shardex/storage'
import type { Metadata } from '../entry.ts'

/**
 * Whether anybody may be sent to this URL by an index that may come from anybody: an address on the web, or a key below the index. Never a path, and
 * never a bucket, which would be asked for with the credentials of the reader. No braces in keys: what they expand to may lie elsewhere.
 */
export function isPublicUrl(url: string): boolean {
  return isWebAddress(url) || (isObjectKey(url) && !/^[a-z][a-z0-9+.-]*:|[{}]/i.test(url))
}

export function isWebAddress(url: string): boolean {
  return /^https?:\/\//i.test(url)
}

/** Without the mirrors that are nobody else's business: a reader of `mirrors` opens what stands there, and buckets with its own credentials. */
export function withPublicMirrors(metadata: Metadata): Metadata {
  const { mirrors } = metadata
  if (!Array.isArray(mirrors)) return metadata
  return { ...metadata, mirrors: mirrors.filter((url) => typeof url === 'string' && isWebAddress(url)) }
}
