import type { Storage } from '@shardex/storage'

export interface NotedRead {
  readonly url: string
  /** The bytes `[start, end)`. */
  readonly start: number
  readonly end: number
  readonly signal: AbortSignal | undefined
}

/** Notes what is read of shards through a real storage. */
export function noting(storage: Storage): { storage: Storage; reads: NotedRead[] } {
  const reads: NotedRead[] = []
  const locate: Storage['locate'] = async (url) => {
    const found = await storage.locate(url)
    const get: typeof found.store.get = async (key, options = {}) => {
      const body = await found.store.get(key, options)
      const start = options.range?.start ?? 0
      if (body !== undefined && url.endsWith('.tar'))
        reads.push({ url, start, end: start + body.lengthBytes, signal: options.signal })
      return body
    }
    return { ...found, store: { ...found.store, get } }
  }
  return { storage: { ...storage, locate }, reads }
}

export function bytesOf(reads: readonly NotedRead[]): number {
  return reads.reduce((sum, { start, end }) => sum + end - start, 0)
}
