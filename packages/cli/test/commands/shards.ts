import { openStorage } from '@shardex/storage'
import type { Desk } from './desk.ts'

export interface InsertShardsOptions {
  readonly name?: string
  readonly rows?: number
  /** As the entry lists them. */
  readonly mirrors?: readonly string[]
}

/** Rows in shards of five. @returns the URLs of the shards */
export async function insertShards(
  desk: Desk,
  { name = 'rows', rows = 25, mirrors }: InsertShardsOptions = {},
): Promise<string[]> {
  const lines = Array.from({ length: rows }, (_, id) => JSON.stringify({ id, text: `${name} ${id}!` }))
  await desk.dir.write(`${name}.jsonl`, lines.join('\n'))
  const metadata = mirrors === undefined ? [] : ['--metadata', JSON.stringify({ mirrors })]
  const argv = ['insert', `${name}.jsonl`, '--name', name, '--maxcount', '5', ...metadata]
  return ((await desk.json(argv)) as { dataUrls: string[] }).dataUrls
}

/** Turn a bit in the payload of the first sample of a shard. */
export async function damage({ env }: Desk, url: string): Promise<void> {
  const { AWS_ENDPOINT, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = env
  await using storage = openStorage({ s3: { AWS_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } })
  const { store, key } = await storage.locate(url)
  const chunks: Uint8Array[] = []
  for await (const chunk of (await store.get(key))?.chunks ?? []) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  bytes[512 + 4]! ^= 1
  await store.put(key, bytes)
}
