import { stat } from 'node:fs/promises'
import { LocalDiskStore } from '@shardex/repo'
import { findProgram, freshBucket, type S3Server, startS3, tempDir } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { type Measure, measureNode } from '../measure/measure.ts'
import { inRounds, type Measured, median, timesLonger, type Variants } from '../measure/rounds.ts'
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
    const rounds = quick ? 1 : 5
    await using server = await startS3()
    const tables: Table[] = []
    for (const shardBytes of SHARD_BYTES) {
      await using dir = await tempDir('bench')
      const tars = await tarsOf(dir.path, count, shardBytes)
      const at = { server: server.address, tars, count }
      const side = { 'shardex, from samples': samplesTo(at), ...filesTo(at, false) }
      tables.push(table(server.program, await inRounds(rounds, side, say), tars, 'all at once'))
      if (shardBytes === LARGE)
        tables.push(table(server.program, await inRounds(rounds, filesTo(at, true), say), tars, 'one after another'))
    }
    return tables
  },
}

const LARGE = 128 << 20
/** The smaller fit into one request of ours. */
const SHARD_BYTES = [32 << 20, LARGE]

interface Tars {
  readonly files: readonly string[]
  readonly bytes: number
  readonly shardBytes: number
}

interface Job {
  readonly server: S3Server
  readonly tars: Tars
  readonly count: number
}

async function tarsOf(root: string, count: number, shardBytes: number): Promise<Tars> {
  const { type, samples } = SHAPES.large
  await using store = new LocalDiskStore({ root })
  const files = await store.writeShards({ type, samples: samples(count) }, { prefix: 'tars', maxsize: shardBytes })
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return { files, bytes: sizes.reduce((sum, size) => sum + size, 0), shardBytes }
}

function samplesTo({ server, count, tars: { shardBytes } }: Job) {
  return into(server, (target) => measureNode(TASKS, 'shardex', { ...target, count, shardBytes }))
}

function filesTo({ server, tars: { files } }: Job, inTurn: boolean): Variants {
  const urls = (bucket: string) => files.map((_, at) => presignedPut(server, bucket, `curl-${at}.tar`))
  return {
    'shardex, from tars': into(server, (target) => measureNode(TASKS, 'put', { ...target, files, inTurn })),
    'lib-storage Upload, from tars': into(server, (target) => measureNode(TASKS, 'libStorage', { ...target, files, inTurn })),
    ...(findProgram('curl') && {
      'curl, presigned PUT of tars': into(server, ({ bucket }) =>
        measureNode(TASKS, 'curl', { files, inTurn, urls: urls(bucket) }),
      ),
    }),
  }
}

/** Every measure gets a bucket of its own, so that no server fills up. */
function into(server: S3Server, measure: (target: Target) => Promise<Measure>): () => Promise<Measure> {
  return async () => {
    await using bucket = await freshBucket(server)
    const { endpoint, accessKeyId, secretAccessKey, region } = server
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    return await measure({ credentials: { AWS_ENDPOINT: endpoint, AWS_REGION: region, ...keys }, bucket: bucket.name })
  }
}

function table(server: string, measured: Measured, { files, bytes, shardBytes }: Tars, how: string): Table {
  const [ours = []] = Object.values(measured)
  return {
    title: `Put tars of ${shardBytes >> 20} MiB, ${SHAPES.large.title}, into ${server}, ${how}`,
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
      `${files.length} tars, ${(bytes / 1e6).toFixed(0)} MB. Medians of ${ours.length} rounds in turn; ratios are medians within rounds, to the first row.`,
      ...('shardex, from samples' in measured
        ? [
            'From samples: they are packed on the way, with SHA-256 of shards and samples, CRC-32 and offset indexes. The others read finished tars.',
          ]
        : []),
      'Client and server share this machine.',
    ],
  }
}
