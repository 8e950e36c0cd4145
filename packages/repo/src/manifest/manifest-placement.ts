import type { ShardDescription } from '@shardex/index'
import type { ObjectStore } from '@shardex/storage'
import { decodeOffsetIndex } from '../shard/offset-index.ts'
import type { ClosedShard, OpenShard } from '../write/open-shard.ts'
import type { Placement, ShardJournal, Stop } from '../write/placement.ts'
import { encodeManifest } from './encode-manifest.ts'
import { manifestUrls } from './manifest-urls.ts'
import type { ColumnValues, SampleRecorder } from './recorder.ts'

export interface ManifestWriting {
  readonly store: ObjectStore
  /** Hears of every sample before it is packed. */
  readonly recorder: SampleRecorder
  readonly schemaType: string
  readonly schemaVersion: string
  /** Shards that others may share: their manifests are left as they are, and nothing is deleted. */
  readonly shared: boolean
  /** An insert that fails is continued by another one. */
  readonly resumable: boolean
}

/** Stores a manifest beside each shard that another placement has stored. */
export class ManifestPlacement implements Placement {
  readonly #placement: Placement
  readonly #writing: ManifestWriting
  readonly #begunKeys = new Set<string>()
  /** Settles when the rows of all shards that have begun were taken from the recorder, in their order. */
  #taken: Promise<unknown> = Promise.resolve()
  #sentBytes = 0

  constructor(placement: Placement, writing: ManifestWriting) {
    this.#placement = placement
    this.#writing = writing
  }

  get sentBytes(): number {
    return this.#placement.sentBytes + this.#sentBytes
  }

  nameOf(number: number): string {
    return this.#placement.nameOf(number)
  }

  async store(shard: OpenShard, number: number, stop: Stop): Promise<ShardDescription> {
    const values = this.#taken.then(async () => this.#writing.recorder.take((await shard.closed).sampleCount))
    this.#taken = values
    values.catch(() => {}) // the shard fails with it
    const description = await this.#placement.store(shard, number, stop)
    await this.#put(description, await shard.closed, await values, stop)
    return description
  }

  note(number: number, shard: ShardDescription, stop: Stop): Promise<void> {
    return this.#placement.note(number, shard, stop)
  }

  async undo(): Promise<readonly unknown[]> {
    const left = await this.#placement.undo()
    if (this.#writing.shared || this.#writing.resumable) return left
    const deleted = await Promise.allSettled([...this.#begunKeys].map((key) => this.#writing.store.delete(key)))
    return [...left, ...deleted.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))]
  }

  /** The header last: where it is, the samples are. */
  async #put(
    { url, sha256 }: ShardDescription,
    { index }: ClosedShard,
    values: readonly ColumnValues[],
    stop: Stop,
  ): Promise<void> {
    const { store, recorder, schemaType, schemaVersion, shared } = this.#writing
    const keys = manifestUrls(url.slice(store.rootUrl.length))
    if (shared && (await store.head(keys.header, { durable: true, signal: stop.patience })) !== undefined) return
    const { header, samples } = encodeManifest({
      shard: url,
      shardSha256: sha256,
      index: decodeOffsetIndex(index, url),
      columns: recorder.columns,
      values,
      schemaType,
      schemaVersion,
      createdAt: new Date(),
    })
    for (const [key, bytes] of [
      [keys.samples, samples],
      [keys.header, header],
    ] as const) {
      stop.failure.throwIfAborted()
      this.#begunKeys.add(key)
      await store.put(key, bytes, { signal: stop.patience })
      this.#sentBytes += bytes.length
    }
  }
}

/** Notes the manifests of shards with them, so that they are no garbage either. */
export function notingManifests(journal: ShardJournal): ShardJournal {
  return {
    ingestId: journal.ingestId,
    noted: journal.noted,
    note: (number, shard, urls, signal) => {
      const { header, samples } = manifestUrls(shard.url)
      return journal.note(number, shard, [...urls, header, samples], signal)
    },
  }
}
