import { ShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import type { DatasetSource, Keyed, ReadOptions } from '../read/dataset-source.ts'
import type { ReadSettings } from '../read/open-reader.ts'
import { planShards, type ShardSource } from '../read/plan-shards.ts'
import { readProvedShard, unprovable } from '../read/proved-shard.ts'
import { shardNotFound, unindexed } from '../read/raw-sample.ts'
import { shuffledThrough } from '../read/shuffle.ts'
import { readTarMembers } from '../tar/read-members.ts'
import type { Members } from './define-members.ts'

/** A sample must fit into memory; what has more is taken for damage. */
const MAX_SAMPLE_BYTES = 2 ** 31

/** Samples that are several members of plain tars. They have no index: they are read in order, or shuffled through a buffer. */
export class MembersSource<T extends object> implements DatasetSource<Keyed<T>> {
  readonly dataUrls: readonly string[]
  readonly length: undefined
  readonly #members: Members
  readonly #shards: readonly ShardSource[]
  readonly #settings: ReadSettings

  constructor(members: Members, from: Entry | readonly string[], settings: ReadSettings) {
    if (settings.onCorrupt !== 'error')
      throw new TypeError(
        `plain tars do not say which sample is damaged, so onCorrupt can only be 'error', found '${settings.onCorrupt}'`,
      )
    const entry = 'dataUrls' in from ? from : undefined
    this.dataUrls = 'dataUrls' in from ? from.dataUrls : from
    this.#members = members
    this.#shards = planShards(this.dataUrls, entry)
    this.#settings = settings
  }

  shardUrls(): readonly string[] {
    return this.#shards.map(({ url }) => url)
  }

  async *blocks({ signal, shuffle }: ReadOptions): AsyncGenerator<Keyed<T>[]> {
    const shards = shuffle === undefined ? this.#shards : shuffledThrough(this.#shards, shuffle.bufferShards, shuffle.random)
    for (const shard of shards) {
      for await (const { key, members } of this.#groups(shard, signal)) {
        // What waits in a buffer shall not keep the chunk that it came in.
        if (shuffle !== undefined) for (const [extension, bytes] of members) members.set(extension, new Uint8Array(bytes))
        const sample = this.#members.decode(key, members, shard.url) as T & { __key__: string }
        sample.__key__ = key
        yield [sample]
      }
    }
  }

  async at(): Promise<never> {
    throw unindexed(this.shardUrls()[0] ?? '')
  }

  async byKey(): Promise<never> {
    throw unindexed(this.shardUrls()[0] ?? '')
  }

  async prove(): Promise<never> {
    throw unprovable(this.dataUrls[0] ?? '')
  }

  /** Members side by side that have one key, as webdataset groups them. */
  async *#groups(shard: ShardSource, signal: AbortSignal | undefined): AsyncGenerator<Group> {
    const { store, key: objectKey } = await this.#settings.storage.locate(shard.url)
    const body = await store.get(objectKey, { signal, sha256: shard.description?.sha256 ?? shard.sha256 })
    if (body === undefined) throw shardNotFound(shard.url)
    const chunks = this.#settings.verify === 'sha256' ? readProvedShard(body, shard, { signal }) : body.chunks
    let group: Group | undefined
    for await (const { key, extension, bytes } of readTarMembers(chunks, shard.url, { signal })) {
      if (group !== undefined && group.key !== key) {
        yield group
        group = undefined
      }
      group ??= { key, members: new Map(), sizeBytes: 0 }
      if (group.members.has(extension)) throw twice(shard.url, key, extension)
      group.members.set(extension, bytes)
      group.sizeBytes += bytes.length
      if (group.sizeBytes > MAX_SAMPLE_BYTES) throw tooLarge(shard.url, key)
    }
    if (group !== undefined) yield group
  }
}

interface Group {
  readonly key: string
  readonly members: Map<string, Uint8Array>
  sizeBytes: number
}

function twice(shard: string, key: string, extension: string): ShardexError {
  const [found, wanted] = [`${key}.${extension} twice`, 'every extension once in a sample']
  const message = `${shard}: found ${found}, wanted ${wanted}. Samples with one key cannot be told apart: give each a key of its own.`
  return new ShardexError('sample.invalid', { sample: key, field: '', found, wanted }, { message })
}

function tooLarge(shard: string, key: string): ShardexError {
  const [found, wanted] = [`members of more than ${MAX_SAMPLE_BYTES} bytes`, 'samples that fit into memory']
  const message = `the sample ${key} of ${shard} is too large: found ${found}, wanted ${wanted}. Split it.`
  return new ShardexError('sample.invalid', { sample: key, field: '', found, wanted }, { message })
}
