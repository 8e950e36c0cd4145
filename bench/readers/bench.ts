import { fileURLToPath } from 'node:url'
import { ATDATA_VERSION, hasPythonWithLocked, pythonWithAtdata, pythonWithLocked, tempDir } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { type Measure, measureNode, measurePython } from '../measure/measure.ts'
import { inRounds, median, type Variants } from '../measure/rounds.ts'
import { warmDisk } from '../measure/warm-disk.ts'
import { payloadBytes, SHAPES, type ShapeName } from '../samples/shapes.ts'
import type { Table } from '../table.ts'

const OURS = import.meta.resolve('../samples/tasks.ts')
const CEILING = import.meta.resolve('./ceiling.ts')
const WEBDATASET = new URL('../samples/peer.py', import.meta.url)
const LOADERS = new URL('./loaders.py', import.meta.url)
const REQUIREMENTS = fileURLToPath(new URL('./requirements.txt', import.meta.url))

/** The others get fewer samples where they take as long for them. */
const COUNTS = {
  full: {
    tiny: { written: { ours: 300_000, others: 30_000 }, read: { ours: 300_000, others: 30_000 } },
    large: { written: { ours: 4_000, others: 4_000 }, read: { ours: 20_000, others: 4_000 } },
  },
  quick: {
    tiny: { written: { ours: 5_000, others: 500 }, read: { ours: 5_000, others: 500 } },
    large: { written: { ours: 100, others: 100 }, read: { ours: 100, others: 100 } },
  },
}

export const readers: Bench = {
  name: 'readers',
  about:
    'Tiny and 110 KiB samples to disk and back, beside the loaders of Python: atdata, webdataset, MosaicML Streaming and LitData.',
  async run({ quick, say }) {
    const pythons = {
      atdata: await orSay(pythonWithAtdata(), 'NO ATDATA, NO WEBDATASET', say),
      loaders: await orSay(pythonWithLoaders(quick), 'NO STREAMING, NO LITDATA', say),
    }
    const tables: Table[] = []
    for (const shape of ['tiny', 'large'] as const) {
      const { written, read } = COUNTS[quick ? 'quick' : 'full'][shape]
      const job = { shape, rounds: quick ? 1 : 3, pythons, say }
      tables.push(await writing({ ...job, ...written }), await reading({ ...job, ...read }))
    }
    return tables
  },
}

interface Job {
  readonly shape: ShapeName
  readonly ours: number
  readonly others: number
  readonly rounds: number
  readonly pythons: { readonly atdata: string | undefined; readonly loaders: string | undefined }
  readonly say: (what: string) => void
}

type Where = { readonly shape: ShapeName; readonly count: number; readonly dir: string }

/** What can be measured here: each by its name, told where. */
function tasksOf(
  kind: 'write' | 'read',
  { pythons: { atdata, loaders } }: Job,
): Record<string, (where: Where) => Promise<Measure>> {
  const hashed = kind === 'write' ? ', SHA-256 taken' : ''
  return {
    [`shardex${hashed}`]: (where) => measureNode(OURS, kind, where),
    ...(kind === 'read' && {
      "shardex, verify: 'sha256'": (where) => measureNode(OURS, kind, { ...where, verify: 'sha256' }),
      'shardex, reuse': (where) => measureNode(OURS, kind, { ...where, reuse: true }),
      "shardex, reuse, verify: 'sha256'": (where) => measureNode(OURS, kind, { ...where, reuse: true, verify: 'sha256' }),
      'shardex, batches of 32': (where) => measureNode(OURS, kind, { ...where, batchSize: 32 }),
      'shardex, reuse, batches of 32': (where) => measureNode(OURS, kind, { ...where, batchSize: 32, reuse: true }),
      'shardex, shuffled': (where) => measureNode(OURS, kind, { ...where, shuffled: true }),
      'shardex, reuse, shuffled': (where) => measureNode(OURS, kind, { ...where, shuffled: true, reuse: true }),
      'shardex, shuffled batches of 32': (where) => measureNode(OURS, kind, { ...where, shuffled: true, batchSize: 32 }),
      'shardex, reuse, shuffled batches of 32': (where) =>
        measureNode(OURS, kind, { ...where, shuffled: true, batchSize: 32, reuse: true }),
    }),
    ...(atdata && {
      atdata: (where) => measurePython(atdata, LOADERS, `atdata_${kind}`, where),
      webdataset: (where) => measurePython(atdata, WEBDATASET, kind, where),
    }),
    ...(loaders && {
      'Streaming (MDS)': (where) => measurePython(loaders, LOADERS, `mds_${kind}`, where),
      ...(kind === 'write' && {
        'Streaming (MDS), SHA-256 taken': (where) =>
          measurePython(loaders, LOADERS, `mds_${kind}`, { ...where, hashes: ['sha256'] }),
      }),
      LitData: (where) => measurePython(loaders, LOADERS, `litdata_${kind}`, where),
    }),
  }
}

async function writing(job: Job): Promise<Table> {
  const variants: Variants = Object.fromEntries(
    Object.entries(tasksOf('write', job)).map(([who, task]) => [
      who,
      async () => {
        await using dir = await tempDir('bench')
        const count = countOf(who, job)
        warmDisk(dir.path, payloadBytes(SHAPES[job.shape], count) + count * 1536)
        return await task({ shape: job.shape, count, dir: dir.path })
      },
    ]),
  )
  return table(`Write ${SHAPES[job.shape].title}`, job, await withCeiling(variants, job, true), [
    'shardex: an insert into a registry in SQLite with SHA-256 of each shard and of each sample, CRC-32 of each sample and an offset index, all synced to disk. The others write without a registry and do not sync.',
  ])
}

async function reading(job: Job): Promise<Table> {
  await using dirs = new AsyncDisposableStack()
  const writers = tasksOf('write', job)
  const variants: Record<string, () => Promise<Measure>> = {}
  let ours: Where | undefined
  for (const [who, task] of Object.entries(tasksOf('read', job))) {
    const isOurs = who.startsWith('shardex')
    const where = (isOurs && ours) || { shape: job.shape, count: countOf(who, job), dir: dirs.use(await tempDir('bench')).path }
    if (ours === undefined || !isOurs) await (writers[who] ?? writers['shardex, SHA-256 taken']!)(where)
    if (isOurs) ours = where
    variants[who] = () => task(where)
  }
  return table(`Read ${SHAPES[job.shape].title}`, job, await withCeiling(variants, job), [
    "shardex: found by name, CRC-32 of each sample checked, or its SHA-256 with verify: 'sha256'. The others check nothing. All from the page cache.",
    'With reuse a sample or batch is good until the next is asked for; without, and with the others, for ever.',
  ])
}

/** Beside large samples, how fast this machine hashes at all, in one thread. */
function withCeiling(variants: Variants, { shape, ours, rounds, say }: Job, twice = false) {
  const bytes = payloadBytes(SHAPES[shape], ours)
  const hashing = (times: number) => () => measureNode(CEILING, 'sha256', { bytes: times * bytes })
  const ceilings = { [HASHING]: hashing(1), ...(twice && { [HASHING_TWICE]: hashing(2) }) }
  return inRounds(rounds, { ...variants, ...(shape === 'large' && ceilings) }, say)
}

const HASHING = 'SHA-256 of as many bytes in memory'
const HASHING_TWICE = `${HASHING}, twice as shardex takes it`

function table(title: string, job: Job, measured: Readonly<Record<string, readonly Measure[]>>, notes: readonly string[]): Table {
  const ratesOf = (who: string) => measured[who]!.map(({ seconds }) => countOf(who, job) / seconds)
  const names = Object.keys(measured)
  const ours = ratesOf(names[0]!)
  return {
    title,
    columns: {
      who: 'text',
      samples: '/s',
      slowest: '/s',
      fastest: '/s',
      payload: 'MB/s',
      CPU: 'µs',
      'peak RSS': 'MB',
      'shardex is faster by': '×',
    },
    rows: names.map((who) => {
      const rates = ratesOf(who)
      const count = countOf(who, job)
      return {
        who,
        samples: median(rates),
        slowest: Math.min(...rates),
        fastest: Math.max(...rates),
        payload: (median(rates) * payloadBytes(SHAPES[job.shape], count)) / count,
        CPU: (1e6 * median(measured[who]!.map(({ cpuSeconds }) => cpuSeconds))) / count,
        'peak RSS': median(measured[who]!.map(({ peakRssBytes }) => peakRssBytes)),
        'shardex is faster by': who === names[0] ? undefined : median(ours.map((rate, round) => rate / rates[round]!)),
      }
    }),
    notes: [
      `Medians of ${ours.length} rounds in turn; ratios are medians within rounds, to the first row. Payload is msgpack without tar; CPU is for a sample. ${job.ours.toLocaleString('en')} samples for us, ${job.others.toLocaleString('en')} for the others.`,
      `atdata ${ATDATA_VERSION} by write_samples and Dataset.ordered; webdataset by TarWriter and WebDataset with msgpack's C extension; Streaming by MDSWriter and StreamingDataset with a batch size of 32; LitData by BinaryWriter and StreamingDataset. None with worker processes.`,
      ...notes,
      ...(job.pythons.atdata === undefined ? ['NO ATDATA AND WEBDATASET: their Python could not be had here.'] : []),
      ...(job.pythons.loaders === undefined ? ['NO STREAMING AND LITDATA: their Python could not be had here.'] : []),
    ],
  }
}

async function orSay<T>(wanted: Promise<T>, otherwise: string, say: (what: string) => void): Promise<T | undefined> {
  try {
    return await wanted
  } catch (error) {
    say(`${otherwise}: ${String(error)}`)
    return undefined
  }
}

function countOf(who: string, { ours, others }: Job): number {
  return who.startsWith('shardex') || who.startsWith(HASHING) ? ours : others
}

/** 4 GB, nearly all of it torch, which both import; nobody gets that who only wants to see whether benches run. */
async function pythonWithLoaders(quick: boolean): Promise<string> {
  if (quick && !(await hasPythonWithLocked('loaders', REQUIREMENTS)))
    throw new Error('their Python takes 4 GB and was not made yet; without --quick it is')
  return pythonWithLocked('loaders', REQUIREMENTS)
}
