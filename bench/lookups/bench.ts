import { fileURLToPath } from 'node:url'
import { entryCid, type LocalIndex } from '@shardex/index'
import { pythonWith, run, startRedis } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { median } from '../measure/rounds.ts'
import type { Cell, Table, Unit } from '../table.ts'
import { fillLikeAtdata, identityOf, nameOf } from './fill.ts'
import { type Registry, redisRegistry, sqliteRegistry } from './registries.ts'

const REDIS_PY_VERSION = '8.1.0'
const SIZES = { full: [1_000, 100_000, 1_000_000], quick: [100, 1_000] }
const PEER_SIZES = { full: [1_000, 100_000], quick: [100] }

/** What is looked up, and one way to look it up in a registry of so many entries. */
const LOOKUPS: Readonly<Record<string, (index: LocalIndex, i: number) => Promise<unknown>>> = {
  'getEntryByName(name)': (index, i) => index.getEntryByName(nameOf(i)),
  'getEntry(cid)': (index, i) => index.getEntry(CIDS.get(i) ?? ''),
  'latestSchemaVersion(type)': (index) => index.latestSchemaVersion('bench.Sample'),
  'getEntryByName of no dataset': async (index, i) => (await index.getEntryByName(`${nameOf(i)}-x`)) === undefined,
}
/** Made before they are looked up, for making one takes as long as a look-up. */
const CIDS = new Map<number, string>()

export const lookups: Bench = {
  name: 'lookups',
  about: 'Looking up one dataset among 1,000, 100,000 and 1,000,000: it must cost the same.',
  async run({ quick, say }) {
    const sizes = SIZES[quick ? 'quick' : 'full']
    const tables: Table[] = []
    for (const open of [sqliteRegistry, redisRegistry]) {
      await using registries = new AsyncDisposableStack()
      const filled: Registry[] = []
      for (const entries of sizes) {
        const registry = registries.use(await open(entries))
        filled.push(registry)
        say(`${entries} entries in ${registry.backend} after ${registry.fillSeconds.toFixed(1)} s`)
      }
      tables.push(latencies(filled, await lookUp(filled, quick ? 1 : 10)), sizesTable(filled))
    }
    try {
      tables.push(await besideScanning(PEER_SIZES[quick ? 'quick' : 'full'], say))
    } catch (error) {
      say(`NO PYTHON PEER: ${String(error)}`)
    }
    return tables
  },
}

interface Latency {
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
}

const PER_ROUND = 300

/** One after another, in turn on registries of every size, so that whatever slows the machine down hits all of them. */
async function lookUp(registries: readonly Registry[], rounds: number): Promise<Record<string, Latency[]>> {
  const taken = Object.keys(LOOKUPS).map((what) => ({ what, of: registries.map((): number[] => []) }))
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const { what, of } of taken) {
      for (const [at, { index, entries }] of registries.entries()) {
        const chosen = Array.from({ length: PER_ROUND }, () => Math.floor(Math.random() * entries))
        for (const i of chosen) CIDS.set(i, entryCid(identityOf(i)))
        for (const i of chosen) {
          const startedMs = performance.now()
          const found = await LOOKUPS[what]!(index, i)
          const us = (performance.now() - startedMs) * 1000
          if (!found) throw new Error(`${what} did not find number ${i}`)
          if (round > 0) of[at]!.push(us)
        }
      }
    }
  }
  return Object.fromEntries(
    taken.map(({ what, of }) => [what, of.map((us) => ({ p50: quantile(us, 0.5), p99: quantile(us, 0.99) }))]),
  )
}

function latencies(registries: readonly Registry[], measured: Record<string, Latency[]>): Table {
  const columns: Record<string, Unit> = { lookup: 'text' }
  for (const { entries } of registries) {
    columns[p50At(entries)] = 'µs'
    columns[p99At(entries)] = 'µs'
  }
  const rows = Object.entries(measured).map(([lookup, of]) => {
    const row: Record<string, Cell> = { lookup }
    for (const [at, { entries }] of registries.entries()) {
      row[p50At(entries)] = of[at]!.p50
      row[p99At(entries)] = of[at]!.p99
    }
    return { ...row, 'largest / smallest': of.at(-1)!.p50 / of[0]!.p50 }
  })
  const note = 'One look-up at a time from one client, random datasets, warm; the sizes in turn.'
  return {
    title: `Look-ups in ${registries[0]!.backend}, by number of entries`,
    columns: { ...columns, 'largest / smallest': '×' },
    rows,
    notes: [note],
  }
}

function sizesTable(registries: readonly Registry[]): Table {
  const { backend } = registries[0]!
  return {
    title: `Size of a registry in ${backend}`,
    columns: { entries: 'count', size: 'MB', 'bytes each': 'count', filled: 's', rate: '/s' },
    rows: registries.map(({ entries, bytes, fillSeconds }) => ({
      entries,
      size: bytes,
      'bytes each': Math.round(bytes / entries),
      filled: fillSeconds,
      rate: entries / fillSeconds,
    })),
    notes: [
      backend === 'SQLite'
        ? 'Filled with rows in the table of atdata, in large transactions, that the index adopted by itself: a commit to SQLite waits for the disk.'
        : 'Filled by commitEntry, 256 on their way at once. Memory that Redis uses.',
    ],
  }
}

/** What constant cost is worth: the way of atdata, in its own language, on nothing but its own keys. */
async function besideScanning(sizes: readonly number[], say: (what: string) => void): Promise<Table> {
  const python = await pythonWith([`redis==${REDIS_PY_VERSION}`, 'hiredis==3.5.0'])
  const script = fileURLToPath(new URL('./scan-peer.py', import.meta.url))
  const rows: Record<string, Cell>[] = []
  for (const entries of sizes) {
    await using registry = await redisRegistry(entries)
    await using theirs = await startRedis()
    await fillLikeAtdata(theirs.address.url, entries)
    const names = Array.from({ length: 7 }, () => nameOf(Math.floor(Math.random() * entries)))
    const seconds = JSON.parse(await run(python, [script, theirs.address.url, ...names])) as number[]
    const scan = median(seconds) * 1e6
    const ours = (await lookUp([registry], 2))['getEntryByName(name)']![0]!.p50
    rows.push({ entries, 'scan, p50': scan, 'shardex, p50': ours, 'shardex is faster by': scan / ours })
    say(`scanned ${entries} entries ${names.length} times`)
  }
  return {
    title: 'By name in Redis, beside the way of atdata',
    columns: { entries: 'count', 'scan, p50': 'µs', 'shardex, p50': 'µs', 'shardex is faster by': '×' },
    rows,
    notes: [
      `The algorithm of atdata 0.7 (SCAN, one HGETALL per entry until the name fits) in Python with redis-py ${REDIS_PY_VERSION} and hiredis, on a server with nothing but its keys; not the package itself. Median of 7 random names.`,
    ],
  }
}

const p50At = (entries: number) => `p50 at ${entries.toLocaleString('en')}`
const p99At = (entries: number) => `p99 at ${entries.toLocaleString('en')}`

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!
}
