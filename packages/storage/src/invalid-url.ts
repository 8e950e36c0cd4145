import { ShardexError } from '@shardex/errors'

export const SUPPORTED = 'a path, file:///path, s3://bucket/key, http://… or https://…'

/** @returns `url.invalid` */
export function invalidUrl(url: string, found: string, wanted: string = SUPPORTED, cause?: unknown): ShardexError {
  const shown = url.length > 200 ? `${url.slice(0, 200)}…` : url
  return new ShardexError(
    'url.invalid',
    { url: shown, found, wanted },
    { message: `URL ${shown} has ${found}; wanted ${wanted}`, cause },
  )
}

export function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text)
}
