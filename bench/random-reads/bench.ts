import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { serveDirectory } from '@shardex/storage/testing'
import { freshBucket, type S3Server, type Service, startS3, tempDir } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { measureNode } from '../measure/measure.ts'
import { inRounds, median, type Variants } from '../measure/rounds.ts'
import { SHAPES } from '../samples/shapes.ts'
import type { Place } from '../samples/tasks.ts'
import type { Table } from '../table.ts'
import { countRequests } from './counting-proxy.ts'
import type { RandomArgs } from './tasks.ts'

const SAMPLES = import.meta.resolve('../samples/tasks.ts')
const TASKS = import.meta.resolve('./tasks.ts')

const COUNTS = { full: { tiny: 100_000, large: 2_000 }, quick: { tiny: 2_000, large: 100 } }

export const randomReads: Bench = {
  name: 'random-reads',
  about: 'Single samples at random positions: how long each takes and how many requests, on disk, a web server and S3.',
  async run({ quick, say }) {
    const reads = quick ? 50 : 2_000
    await using opened = new AsyncDisposableStack()
    const s3 = await startOrSay(say)
    if (s3) opened.use(s3)
    const variants: Record<string, Variants[string]> = {}
    for (const shape of ['tiny', 'large'] as const) {
      const count = COUNTS[quick ? 'quick' : 'full'][shape]
      const add = (where: string, args: Omit<RandomArgs, 'shape' | 'count' | 'reads'>) => {
        variants[`${SHAPES[shape].title}|${where}`] = () => measureNode(TASKS, 'random', { shape, count, reads, ...args })
      }
      const write = async (place: Place) => void (await measureNode(SAMPLES, 'write', { shape, count, ...place }))

      const { path: dir } = opened.use(await tempDir('bench'))
      await write({ dir })
      add('disk', { dir })

      const web = opened.use(await serveDirectory(dir))
      const shards = (await readdir(dir, { recursive: true })).filter((file) => file.endsWith('.tar')).sort()
      const counted = opened.use(await countRequests(web.url))
      const urls = (server: string) => shards.map((file) => new URL(file, server).href)
      add('a web server', { dir, urls: urls(web.url) })
      add('a web server, counted', { dir, urls: urls(counted.url), counter: counted.counter })

      if (!s3) continue
      const { endpoint, accessKeyId, secretAccessKey, region } = s3.address
      const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region }
      const bucket = opened.use(await freshBucket(s3.address)).name
      const inS3 = (AWS_ENDPOINT: string) => ({ dir: join(dir, 's3'), s3: { credentials: { AWS_ENDPOINT, ...keys }, bucket } })
      await write(inS3(endpoint))
      const countedS3 = opened.use(await countRequests(endpoint))
      add(s3.program, inS3(endpoint))
      add(`${s3.program}, counted`, { ...inS3(countedS3.url), counter: countedS3.counter })
    }
    return [table(reads, await inRounds(quick ? 1 : 3, variants, say))]
  },
}

async function startOrSay(say: (what: string) => void): Promise<Service<S3Server> | undefined> {
  try {
    return await startS3()
  } catch (error) {
    say(`NOT MEASURED WITH S3: ${String(error)}`)
    return undefined
  }
}

function table(reads: number, measured: Awaited<ReturnType<typeof inRounds>>): Table {
  const timed = Object.keys(measured).filter((name) => !name.endsWith(', counted'))
  return {
    title: `${reads.toLocaleString('en')} reads of one sample each at random positions`,
    columns: { samples: 'text', where: 'text', p50: 'µs', p99: 'µs', 'requests each': '/read' },
    rows: timed.map((name) => {
      const middle = (fact: string) => median(measured[name]!.map(({ facts }) => facts[fact]!))
      const [samples, where] = name.split('|')
      const counted = measured[`${name}, counted`]
      return {
        samples,
        where,
        p50: middle('p50'),
        p99: middle('p99'),
        'requests each': counted && median(counted.map(({ facts }) => facts['requests']! / reads)),
      }
    }),
    notes: [
      `One after another, each checked by its CRC-32; the offset indexes are held already. Medians of ${measured[timed[0]!]!.length} rounds in turn. Client and servers share this machine; the disk is the page cache.`,
      'Requests are counted by a proxy in runs of their own.',
    ],
  }
}
