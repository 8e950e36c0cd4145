import { readFile } from 'node:fs/promises'
import { LocalIndex } from '@shardex/index'
import { Dataset, INDEX_SUFFIX, LocalDiskStore, Repo } from '@shardex/repo'
import { tempDir } from '../../services/temp-dir.ts'
import { Everything, everything, Small } from './samples.ts'

export interface ShardFiles {
  readonly tar: Uint8Array
  readonly index: Uint8Array
}

/** Shards and offset indexes as our own writer makes them. */
export async function ownShards(): Promise<readonly ShardFiles[]> {
  await using dir = await tempDir('fuzz')
  await using index = new LocalIndex({ path: dir.file('index.db') })
  await using repo = new Repo({ index, store: new LocalDiskStore({ root: dir.file('shards') }) })
  const many = Array.from({ length: 12 }, (_, i) => everything(i))
  const keyed = [0, 1, 2].map((value) => ({ name: 'n', value, __key__: `dir/${'é'.repeat(60 * value)}${value}` }))
  const [entry] = await repo.insert(Dataset.from(Everything, many), 'many', { maxcount: 5 })
  const [small] = await repo.insert(Dataset.from(Small, keyed), 'small')
  const urls = [...entry.dataUrls, ...small.dataUrls]
  return await Promise.all(urls.map(async (url) => ({ tar: await bytesOf(url), index: await bytesOf(url + INDEX_SUFFIX) })))
}

async function bytesOf(url: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(url.startsWith('file:') ? new URL(url) : url))
}
