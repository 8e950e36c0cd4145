import { ShardexError } from '@shardex/errors'
import type { ObjectStore } from '@shardex/storage'

/** A place where nothing is. @param url what it is called in errors */
export function nothingStore(url: string): ObjectStore {
  const refuse = async (): Promise<never> => {
    throw new ShardexError('storage.read_only', { url }, { message: `${url} is only read` })
  }
  return {
    rootUrl: `${url}/`,
    supports: { write: false, list: false, putIfAbsent: false },
    urlOf: () => url,
    head: async () => undefined,
    get: async () => undefined,
    put: refuse,
    copy: refuse,
    delete: refuse,
    sweep: refuse,
    list: refuse,
    async [Symbol.asyncDispose]() {},
  }
}
