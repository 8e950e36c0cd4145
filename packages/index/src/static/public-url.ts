import { isObjectKey } from '@shardex/storage'

/**
 * Whether anybody may be sent to this URL by an index that may come from anybody: an address on the web, or a key below the index. Never a path, and
 * never a bucket, which would be asked for with the credentials of the reader.
 */
export function isPublicUrl(url: string): boolean {
  return isWebAddress(url) || (isObjectKey(url) && !/^[a-z][a-z0-9+.-]*:/i.test(url))
}

export function isWebAddress(url: string): boolean {
  return /^https?:\/\//i.test(url)
}
