import { ShardexError } from '@shardex/errors'

/** @throws {ShardexError} `key.duplicate` naming the first two files that get the same key */
export function assertUniqueKeys(root: string, items: readonly { readonly file: string; readonly key: string }[]): void {
  const owners = new Map<string, string>()
  for (const { file, key } of items) {
    const owner = owners.get(key)
    if (owner !== undefined) {
      const message = `${owner} and ${file} in ${root} both get the key ${key}; rename one of them`
      throw new ShardexError('key.duplicate', { shard: root, key }, { message })
    }
    owners.set(key, file)
  }
}
