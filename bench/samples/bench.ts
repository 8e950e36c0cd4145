import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pythonWithWebdataset, tempDir, WEBDATASET_VERSION } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { type Measure, measureNode, measurePython } from '../measure/measure.ts'
import { inRounds, type Measured, median, timesLonger } from '../measure/rounds.ts'
import { warmDisk } from '../measure/warm-disk.ts'
import type { Table } from '../table.ts'
import { payloadBytes, SHAPES, type ShapeName } from './shapes.ts'
import type { WriteArgs } from './tasks.ts'

const OURS = import.meta.resolve('./tasks.ts')
const TAR_STREAM = import.meta.resolve('./tar-stream.ts')
const PEER = new URL('./peer.py', import.meta.url)

const COUNTS = { full: { tiny: 200_000, large: 5_000 }, quick: { tiny: 5_000, large: 100 } }

export const samples: Bench = {
  name: 'samples',
  about: 'Tiny and 110 KiB samples to shards on disk and back, beside webdataset and tar-stream.',
  async run({ quick, say }) {
    const python = await pythonWithWebdataset().catch((error: unknown) => {
      say(`NO PYTHON PEER, ours is shown alone: ${String(error)}`)
      return undefined
    })
    const tables: Table[] = []
    for (const shape of ['tiny', 'large'] as const) {
      const job = { shape, count: COUNTS[quick ? 'quick' : 'full'][shape], rounds: quick ? 1 : 3, python, say }
      tables.push(await writing(job), await reading(job))
    }
    return tables
  },
}

interface Job {
  readonly shape: ShapeName
  readonly count: number
  readonly rounds: number
  readonly python: string | undefined
  readonly say: (what: string) => void
}

async function writing({ shape, count, rounds, python, say }: Job): Promise<Table> {
  const payload = payloadBytes(SHAPES[shape], count)
  const intoNewFolder = (measure: (dir: string) => Promise<Measure>) => async () => {
    await using dir = await tempDir('bench')
    warmDisk(dir.path, payload + count * 1536)
    const measured = await measure(dir.path)
    return { ...measured, facts: { diskBytes: await bytesIn(dir.path) } }
  }
  const measured = await inRounds(
    rounds,
    {
      shardex: intoNewFolder((dir) => measureNode(OURS, 'write', { shape, count, dir })),
      'tar-stream, nothing hashed': intoNewFolder((dir) => measureNode(TAR_STREAM, 'write', { shape, count, dir })),
      ...(python && {
        'webdataset TarWriter, nothing hashed': intoNewFolder((dir) =>
          measurePython(python, PEER, 'write', { shape, count, dir }),
        ),
        'webdataset TarWriter, then SHA-256': intoNewFolder((dir) =>
          measurePython(python, PEER, 'write', { shape, count, dir, sha256: true }),
        ),
      }),
    },
    say,
  )
  return table(`Write ${count.toLocaleString('en')} ${SHAPES[shape].title}`, measured, count, payload, [
    'shardex: an insert into a registry in SQLite with SHA-256 of each shard and of each sample, CRC-32 of each sample and an offset index, all synced to disk.',
    ...peerNotes(python),
  ])
}

async function reading({ shape, count, rounds, python, say }: Job): Promise<Table> {
  const payload = payloadBytes(SHAPES[shape], count)
  await using dirs = new AsyncDisposableStack()
  const written = async (write: (job: WriteArgs) => Promise<Measure>): Promise<WriteArgs> => {
    const job = { shape, count, dir: dirs.use(await tempDir('bench')).path }
    await write(job)
    return job
  }
  const ours = await written((job) => measureNode(OURS, 'write', job))
  const tarStream = await written((job) => measureNode(TAR_STREAM, 'write', job))
  const webdataset = python && (await written((job) => measurePython(python, PEER, 'write', job)))
  const measured = await inRounds(
    rounds,
    {
      shardex: () => measureNode(OURS, 'read', ours),
      'shardex, batches of 32': () => measureNode(OURS, 'read', { ...ours, batchSize: 32 }),
      "shardex, verify: 'sha256'": () => measureNode(OURS, 'read', { ...ours, verify: 'sha256' }),
      'tar-stream, nothing checked': () => measureNode(TAR_STREAM, 'read', tarStream),
      ...(webdataset && { 'webdataset, nothing checked': () => measurePython(python, PEER, 'read', webdataset) }),
    },
    say,
  )
  return table(`Read ${count.toLocaleString('en')} ${SHAPES[shape].title}`, measured, count, payload, [
    'shardex: found by name, CRC-32 of each sample checked; with sha256 a shard is proved before its first sample is given out. All from the page cache.',
    ...peerNotes(python),
  ])
}

function table(title: string, measured: Measured, count: number, payload: number, notes: readonly string[]): Table {
  const ours = measured['shardex']!
  const rows = Object.entries(measured).map(([who, measures]) => {
    const middle = (of: (measure: Measure) => number) => median(measures.map(of))
    const seconds = measures.map((measure) => measure.seconds)
    return {
      who,
      samples: count / median(seconds),
      slowest: count / Math.max(...seconds),
      fastest: count / Math.min(...seconds),
      payload: payload / median(seconds),
      CPU: middle(({ cpuSeconds }) => cpuSeconds),
      'peak RSS': middle(({ peakRssBytes }) => peakRssBytes),
      'on disk': measures[0]!.facts['diskBytes'],
      'shardex is faster by': who.startsWith('shardex') ? undefined : timesLonger(measures, ours),
    }
  })
  return {
    title,
    columns: {
      who: 'text',
      samples: '/s',
      slowest: '/s',
      fastest: '/s',
      payload: 'MB/s',
      CPU: 's',
      'peak RSS': 'MB',
      ...(rows[0]!['on disk'] !== undefined && { 'on disk': 'MB' as const }),
      'shardex is faster by': '×',
    },
    rows,
    notes: [
      `Medians of ${ours.length} rounds in turn; ratios are medians within rounds. Payload is msgpack without tar. Our code runs from its TypeScript source, and stripping the types takes about 40 MB of the peaks of Node.`,
      ...notes,
    ],
  }
}

function peerNotes(python: string | undefined): string[] {
  return [
    python === undefined
      ? 'NO PYTHON PEER: a Python with webdataset could not be had here.'
      : `webdataset ${WEBDATASET_VERSION} with msgpack's C extension; arrays as plain bytes in msgpack.`,
    'tar-stream packs and unpacks samples with our msgpack.',
  ]
}

async function bytesIn(dir: string): Promise<number> {
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((found) => found.isFile())
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
