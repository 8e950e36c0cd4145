import { freshBucket, startS3, tempDir } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { type Measure, measureNode } from '../measure/measure.ts'
import { SHAPES, type ShapeName } from '../samples/shapes.ts'
import type { Place, ReadArgs, WriteArgs } from '../samples/tasks.ts'
import type { Cell, Table } from '../table.ts'

const TASKS = import.meta.resolve('../samples/tasks.ts')

const COUNTS = {
  full: { tiny: [10_000, 100_000, 1_000_000], large: [1_000, 10_000] },
  quick: { tiny: [1_000, 10_000], large: [50, 100] },
}

/** V8 collects garbage when it must: with memory to spare a peak says more about V8 than about what is kept. */
const SMALL_HEAP = ['--max-old-space-size=96', '--max-semi-space-size=4']

export const memory: Bench = {
  name: 'memory',
  about: 'Peak memory of inserting and reading more and more samples: it must not grow with the dataset.',
  async run({ quick, say }) {
    const counts = COUNTS[quick ? 'quick' : 'full']
    const tables = [
      await growing('tiny', counts.tiny, 'on disk', {}, say),
      await growing('tiny', counts.tiny, `on disk, with ${SMALL_HEAP.join(' ')}`, {}, say, SMALL_HEAP),
      await growing('large', counts.large, 'on disk', {}, say),
    ]
    try {
      await using server = await startS3()
      await using bucket = await freshBucket(server.address)
      const { endpoint, accessKeyId, secretAccessKey, region } = server.address
      const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region }
      const s3 = { credentials: { AWS_ENDPOINT: endpoint, ...keys }, bucket: bucket.name }
      tables.push(await growing('large', counts.large, `in ${server.program}`, { s3 }, say))
    } catch (error) {
      say(`NOT MEASURED ON S3: ${String(error)}`)
    }
    return tables
  },
}

async function growing(
  shape: ShapeName,
  counts: readonly number[],
  where: string,
  place: Omit<Place, 'dir'>,
  say: (what: string) => void,
  flags: readonly string[] = [],
): Promise<Table> {
  const rows: Record<string, Cell>[] = []
  for (const count of counts) {
    await using dir = await tempDir('bench')
    const job: WriteArgs = { shape, count, dir: dir.path, ingestId: 'memory', ...place }
    const shuffled: ReadArgs = { ...job, shuffled: true }
    const insert = await measureNode(TASKS, 'write', job, flags)
    const read = await measureNode(TASKS, 'read', job, flags)
    const shuffle = await measureNode(TASKS, 'read', shuffled, flags)
    rows.push({
      samples: count,
      ...peak('insert', count, insert),
      ...peak('read', count, read),
      ...peak('shuffle', count, shuffle),
    })
    say(`${count} samples of ${shape} ${where}`)
  }
  return {
    title: `Peak RSS of ${SHAPES[shape].title}, ${where}`,
    columns: {
      samples: 'count',
      insert: 'MB',
      'insert rate': '/s',
      read: 'MB',
      'read rate': '/s',
      shuffle: 'MB',
      'shuffle rate': '/s',
    },
    rows,
    notes: [
      'Of the whole process; Node and the packages, run from source, take about 130 MB before any work. Inserts could be continued. Shuffled with the default buffer of 96 MiB. One run each.',
    ],
  }
}

function peak(what: string, count: number, { peakRssBytes, seconds }: Measure): Record<string, number> {
  return { [what]: peakRssBytes, [`${what} rate`]: count / seconds }
}
