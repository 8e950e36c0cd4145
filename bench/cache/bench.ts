import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { type Entry, LocalIndex } from '@shardex/index'
import { Dataset, Repo } from '@shardex/repo'
import { type ObjectStore, openS3Store, type S3Options, type Storage, withCache } from '@shardex/storage'
import { freshBucket, startS3, tempDir } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { median } from '../measure/rounds.ts'
import { SHAPES } from '../samples/shapes.ts'
import type { Cell, Table } from '../table.ts'

const SHARD_BYTES = 16 * 2 ** 20
const EPOCHS = 3
/** Shares of a shard after which it is fetched whole; `undefined` is no cache. */
const POLICIES = [undefined, Number.POSITIVE_INFINITY, 0, 1 / 8, 1 / 2, 1]

export const cache: Bench = {
  name: 'cache',
  about: 'Three shuffled epochs from an S3 server on this machine, with a cache that fetches whole shards sooner or later.',
  async run({ quick, say }) {
    const count = quick ? 300 : 4_000
    await using server = await startS3()
    await using bucket = await freshBucket(server.address)
    await using dir = await tempDir('bench')
    const { endpoint, accessKeyId, secretAccessKey, region } = server.address
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    const s3 = { bucket: bucket.name, credentials: { AWS_ENDPOINT: endpoint, AWS_REGION: region, ...keys } }
    await using index = new LocalIndex({ path: dir.file('index.db') })
    await using repo = new Repo({ index, s3Credentials: s3.credentials, hivePath: `${bucket.name}/data` })
    const { type, samples } = SHAPES.large
    const [entry] = await repo.insert(Dataset.from(type, samples(count)), 'cached', { maxsize: SHARD_BYTES })
    const measured = new Map<number | undefined, Epoch[][]>(POLICIES.map((policy) => [policy, []]))
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      for (const [i] of POLICIES.entries()) {
        const policy = POLICIES[(i + round) % POLICIES.length]
        measured.get(policy)!.push(await epochsOf(entry, s3, policy, dir.file(randomUUID())))
        say(nameOf(policy))
      }
    }
    return [table(server.program, entry, measured)]
  },
}

interface Epoch {
  readonly seconds: number
  /** That the server was asked for. */
  readonly bytes: number
}

async function epochsOf(entry: Entry, s3: S3Options, fillAfter: number | undefined, dir: string): Promise<Epoch[]> {
  const origin = await openS3Store(s3)
  let bytes = 0
  const counted: ObjectStore = {
    ...origin,
    async get(key, options) {
      const body = await origin.get(key, options)
      return body && { ...body, chunks: counting(body.chunks, (length) => (bytes += length)) }
    },
  }
  const store = fillAfter === undefined ? counted : withCache(counted, { dir, maxBytes: 2 ** 40, fillAfter })
  const root = `s3://${s3.bucket}/`
  const storage: Storage = {
    locate: async (url) => ({ store, key: url.slice(root.length) }),
    async [Symbol.asyncDispose]() {},
  }
  const dataset = Dataset.from(SHAPES.large.type, entry, { storage })
  const epochs: Epoch[] = []
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const [before, began] = [bytes, performance.now()]
    for await (const _ of dataset.shuffled({ seed: 1, epoch }));
    epochs.push({ seconds: (performance.now() - began) / 1000, bytes: bytes - before })
  }
  await store[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
  return epochs
}

async function* counting(chunks: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length)
    yield chunk
  }
}

function nameOf(policy: number | undefined): string {
  if (policy === undefined) return 'no cache'
  if (policy === 0) return 'at the first range'
  return policy === Number.POSITIVE_INFINITY ? 'never (offset indexes only)' : `after ${policy}`
}

function table(server: string, entry: Entry, measured: ReadonlyMap<number | undefined, readonly Epoch[][]>): Table {
  const sizeBytes = entry.sizeBytes!
  const rows = [...measured].map(([policy, rounds]) => {
    const row: Record<string, Cell> = { 'fetch whole shards': nameOf(policy) }
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      row[`epoch ${epoch + 1}`] = sizeBytes / median(rounds.map((epochs) => epochs[epoch]!.seconds))
      row[`asked of S3 (${epoch + 1})`] = median(rounds.map((epochs) => epochs[epoch]!.bytes)) / sizeBytes
    }
    return row
  })
  const epochs = Array.from({ length: EPOCHS }, (_, i) => i + 1)
  return {
    title: `${EPOCHS} shuffled epochs of ${entry.sampleCount!.toLocaleString('en')} ${SHAPES.large.title} from ${server}`,
    columns: {
      'fetch whole shards': 'text',
      ...Object.fromEntries(
        epochs.flatMap((epoch) => [[`epoch ${epoch}`, 'MB/s'] as const, [`asked of S3 (${epoch})`, '×'] as const]),
      ),
    },
    rows,
    notes: [
      'Asked of S3: bytes that the server sent, over the size of the dataset. Medians of 3 rounds in turn; each begins with an empty cache that is large enough.',
      `Shards of ${SHARD_BYTES / 2 ** 20} MiB, one reader, server, reader and cache on one machine: over a network, an epoch from S3 is slower and one from the cache is not.`,
    ],
  }
}
