import { freshBucket, startRedis, startS3, tempDir } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { type Measure, measureNode } from '../measure/measure.ts'
import { inRounds, type Measured, median } from '../measure/rounds.ts'
import { warmDisk } from '../measure/warm-disk.ts'
import { payloadBytes, SHAPES, type ShapeName } from '../samples/shapes.ts'
import type { Table } from '../table.ts'
import { slowLink } from './slow-link.ts'
import type { CostArgs } from './tasks.ts'

const TASKS = import.meta.resolve('./tasks.ts')

/** Each step does what the one before it does, and one thing more. */
const STEPS = {
  'tars alone': 'plain',
  '+ CRC-32, offset index': 'indexed',
  '+ SHA-256 of shards': 'sha256',
  '+ leaf hashes, Merkle root': 'proofs',
  '+ journal: all of insert': 'journal',
}

const COUNTS = {
  full: { tiny: 1_000_000, small: 500_000, large: 8_000 },
  quick: { tiny: 5_000, small: 5_000, large: 100 },
}

const SHAPE_NAMES = ['tiny', 'small', 'large'] as const

/** A line as machines with two cores have it in a data centre. It is slow, so a part of the samples will do. */
const LINK_BYTES_PER_SECOND = 1e9 / 8
const LINK_SHARE = 0.2

export const cost: Bench = {
  name: 'cost',
  about: 'What it costs to insert with checksums, digests, proofs and a journal, step by step, beside writing tars alone.',
  async run({ quick, say }) {
    const counts = COUNTS[quick ? 'quick' : 'full']
    const rounds = quick ? 1 : 5
    const tables: Table[] = []
    for (const shape of SHAPE_NAMES) {
      const job = { shape, count: counts[shape] }
      tables.push(table(job, 'a disk and SQLite', await inRounds(rounds, steps(job, onDisk), say)))
    }
    try {
      await using s3 = await startS3()
      await using redis = await startRedis()
      await using link = await slowLink(s3.address.endpoint, LINK_BYTES_PER_SECOND)
      const { accessKeyId, secretAccessKey, region } = s3.address
      const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region }
      const inS3 =
        (endpoint: string): Place =>
        async (measure) => {
          await using bucket = await freshBucket(s3.address)
          const credentials = { AWS_ENDPOINT: endpoint, ...keys }
          return await measure({ dir: '', s3: { credentials, bucket: bucket.name }, redis: redis.address.url })
        }
      const servers = `${s3.program} and ${redis.program}`
      for (const [endpoint, where, share] of [
        [s3.address.endpoint, `${servers} on this machine`, 1],
        [link.url, `${servers} behind a line of 1 Gbit/s`, LINK_SHARE],
      ] as const) {
        for (const shape of SHAPE_NAMES) {
          const job = { shape, count: counts[shape] * share }
          tables.push(table(job, where, await inRounds(rounds, steps(job, inS3(endpoint)), say)))
        }
      }
    } catch (error) {
      say(`NOT MEASURED WITH S3 AND REDIS: ${String(error)}`)
    }
    return tables
  },
}

interface Job {
  readonly shape: ShapeName
  readonly count: number
}

/** Where a measure finds a place of its own. */
type Place = (measure: (place: Omit<CostArgs, keyof Job>) => Promise<Measure>, bytes: number) => Promise<Measure>

const onDisk: Place = async (measure, bytes) => {
  await using dir = await tempDir('bench')
  warmDisk(dir.path, bytes)
  return await measure({ dir: dir.path })
}

function steps({ shape, count }: Job, place: Place): Record<string, () => Promise<Measure>> {
  const bytes = payloadBytes(SHAPES[shape], count) + count * 1024
  const step = (task: string) => () => place((where) => measureNode(TASKS, task, { shape, count, ...where }), bytes)
  return Object.fromEntries(Object.entries(STEPS).map(([what, task]) => [what, step(task)]))
}

function table({ shape, count }: Job, where: string, measured: Measured): Table {
  const [alone = []] = Object.values(measured)
  const payload = payloadBytes(SHAPES[shape], count)
  const rows = Object.entries(measured).map(([what, measures]) => {
    const seconds = median(measures.map((measure) => measure.seconds))
    const shares = measures.map((measure, round) => alone[round]!.seconds / measure.seconds)
    return {
      what,
      samples: count / seconds,
      payload: payload / seconds,
      CPU: median(measures.map(({ cpuSeconds }) => cpuSeconds)),
      throughput: median(shares),
      lowest: Math.min(...shares),
      highest: Math.max(...shares),
    }
  })
  return {
    title: `Insert ${count.toLocaleString('en')} ${SHAPES[shape].title} into ${where}`,
    columns: { what: 'text', samples: '/s', payload: 'MB/s', CPU: 's', throughput: '%', lowest: '%', highest: '%' },
    rows,
    notes: [
      `Each step does one thing more than the one above; all commit an entry. Throughput is that of tars alone in the same round: median, lowest and highest of ${alone.length} rounds in turn.`,
      'CPU is of the inserting process, all threads. It, the disk and the servers share this machine.',
    ],
  }
}
