import { stat } from 'node:fs/promises'
import { LocalDiskStore } from '@shardex/repo'
import { findProgram, freshBucket, type S3Server, type Service, startS3, tempDir } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { type Measure, measureNode } from '../measure/measure.ts'
import { inRounds, type Measured, median, timesLonger } from '../measure/rounds.ts'
import { SHAPES } from '../samples/shapes.ts'
import type { Table } from '../table.ts'
import { presignedPut } from './presign.ts'
import type { Target } from './tasks.ts'

const TASKS = import.meta.resolve('./tasks.ts')

export const insertS3: Bench = {
  name: 'insert-s3',
  about: 'Samples of 110 KiB into an S3 server on this machine, beside uploads of the finished tars by lib-storage and curl.',
  async run({ quick, say }) {
    const count = quick ? 100 : 4_000
    await using server = await startS3()
    const tables: Table[] = []
    for (const shardBytes of SHARD_BYTES) tables.push(await putShards(server, { count, shardBytes, rounds: quick ? 1 : 5, say }))
    return tables
  },
}

/** The smaller fit into one request of ours. Several are on their way at once. */
const SHARD_BYTES = [32 << 20, 128 << 20]

interface Job {
  readonly count: number
  readonly shardBytes: number
  readonly rounds: number
  readonly say: (what: string) => void
}

async function putShards(server: Service<S3Server>, { count, shardBytes, rounds, say }: Job): Promise<Table> {
  await using dir = await tempDir('bench')
  const { type, samples } = SHAPES.large
  await using store = new LocalDiskStore({ root: dir.path })
  const files = await store.writeShards({ type, samples: samples(count) }, { prefix: 'tars', maxsize: shardBytes })
  const bytes = (await Promise.all(files.map(async (file) => (await stat(file)).size))).reduce((sum, size) => sum + size, 0)

  // Every measure gets a bucket of its own, so that no server fills up.
  const into = (measure: (target: Target) => Promise<Measure>) => async () => {
    await using bucket = await freshBucket(server.address)
    const { endpoint, accessKeyId, secretAccessKey, region } = server.address
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    return await measure({ credentials: { AWS_ENDPOINT: endpoint, AWS_REGION: region, ...keys }, bucket: bucket.name })
  }
  const urls = (bucket: string) => files.map((_, at) => presignedPut(server.address, bucket, `curl-${at}.tar`))
  const measured = await inRounds(
    rounds,
    {
      'shardex, from samples': into((target) => measureNode(TASKS, 'shardex', { ...target, count, shardBytes })),
      'shardex, from tars': into((target) => measureNode(TASKS, 'put', { ...target, files })),
      'lib-storage Upload, from tars': into((target) => measureNode(TASKS, 'libStorage', { ...target, files })),
      ...(findProgram('curl') && {
        'curl, presigned PUT of tars': into(({ bucket }) => measureNode(TASKS, 'curl', { files, urls: urls(bucket) })),
      }),
    },
    say,
  )
  return table(server.program, measured, { count, bytes, shardBytes })
}

function table(
  server: string,
  measured: Measured,
  { count, bytes, shardBytes }: { readonly count: number; readonly bytes: number; readonly shardBytes: number },
): Table {
  const ours = measured['shardex, from samples']!
  return {
    title: `Put ${count.toLocaleString('en')} ${SHAPES.large.title} into ${server}, in shards of ${shardBytes >> 20} MiB`,
    columns: {
      who: 'text',
      rate: 'MB/s',
      slowest: 'MB/s',
      fastest: 'MB/s',
      CPU: 's',
      'peak RSS': 'MB',
      'shardex is faster by': '×',
    },
    rows: Object.entries(measured).map(([who, measures]) => {
      const seconds = measures.map((measure) => measure.seconds)
      const isCurl = who.startsWith('curl') // what is measured is its parent
      return {
        who,
        rate: bytes / median(seconds),
        slowest: bytes / Math.max(...seconds),
        fastest: bytes / Math.min(...seconds),
        CPU: isCurl ? undefined : median(measures.map(({ cpuSeconds }) => cpuSeconds)),
        'peak RSS': isCurl ? undefined : median(measures.map(({ peakRssBytes }) => peakRssBytes)),
        'shardex is faster by': measures === ours ? undefined : timesLonger(measures, ours),
      }
    }),
    notes: [
      `${(bytes / 1e6).toFixed(0)} MB of tar. Medians of ${ours.length} rounds in turn; ratios are medians within rounds.`,
      'shardex packs the samples and takes SHA-256 and CRC-32 on the way; the others read finished tars, lib-storage and curl all of them at once. Client and server share this machine.',
    ],
  }
}
