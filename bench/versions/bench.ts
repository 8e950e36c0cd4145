import { type Entry, LocalIndex } from '@shardex/index'
import { Dataset, type InsertOptions, LocalDiskStore, Repo } from '@shardex/repo'
import { tempDir } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { median } from '../measure/rounds.ts'
import { SHAPES } from '../samples/shapes.ts'
import type { Cell, Table } from '../table.ts'
import { EDITS, firstRows } from './edits.ts'

const VERSIONS = 10

export const versions: Bench = {
  name: 'versions',
  about:
    'Bytes sent to the store for ten versions of a dataset, each with a hundredth changed, laid out in sequence and by content.',
  async run({ quick, say }) {
    const count = quick ? 2_000 : 40_000
    const limits = quick ? [500, 50] : [10_000, 1_000, 100]
    const sent: Record<string, Cell>[] = []
    const shards: Record<string, Cell>[] = []
    for (const maxcount of limits) {
      for (const edit of Object.keys(EDITS)) {
        const sequence = await tenVersions(edit, count, { maxcount, layout: 'sequence' })
        const content = await tenVersions(edit, count, { maxcount, layout: 'content' })
        sent.push(sentRow(edit, maxcount, sequence, content))
        if (edit === 'neighbours changed') shards.push(shardsRow(maxcount, content))
        say(`${edit}, ${maxcount} samples per shard`)
      }
    }
    return [sentTable(count, sent), shardsTable(shards)]
  },
}

interface Sent {
  readonly firstBytes: number
  /** By all versions after the first. */
  readonly bytes: number
  /** Objects of the last version that are new with it, and all of them. */
  readonly newShards: number
  readonly shards: number
  /** Of the first version. */
  readonly sampleCounts: readonly number[]
}

async function tenVersions(edit: string, count: number, options: InsertOptions): Promise<Sent> {
  await using dir = await tempDir('bench')
  await using index = new LocalIndex({ path: dir.file('index.db') })
  await using store = new LocalDiskStore({ root: dir.file('shards') })
  const repo = new Repo({ index, store })
  let rows = firstRows(count)
  const insert = async (): Promise<[Entry, number]> => {
    let bytes = 0
    const onProgress = ({ sentBytes }: { readonly sentBytes: number }) => {
      bytes = sentBytes
    }
    const [entry] = await repo.insert(Dataset.from(SHAPES.tiny.type, rows), 'versions', { ...options, onProgress })
    return [entry, bytes]
  }
  const [first, firstBytes] = await insert()
  const known = new Set(first.dataUrls)
  let [bytes, newShards, shards] = [0, 0, 0]
  for (let version = 1; version <= VERSIONS; version++) {
    rows = EDITS[edit]!(rows, version)
    const [{ dataUrls }, sentBytes] = await insert()
    bytes += sentBytes
    shards += dataUrls.length
    newShards += dataUrls.filter((url) => !known.has(url)).length
    for (const url of dataUrls) known.add(url)
  }
  return { firstBytes, bytes, newShards, shards, sampleCounts: (first.shards ?? []).map(({ sampleCount }) => sampleCount) }
}

function sentRow(edit: string, maxcount: number, sequence: Sent, content: Sent): Record<string, Cell> {
  return {
    'samples per shard, at most': maxcount,
    'from version to version': edit,
    'in sequence': sequence.bytes,
    'by content': content.bytes,
    'of sequence': content.bytes / sequence.bytes,
    'shards new': content.newShards,
    'of all': content.shards,
  }
}

function sentTable(count: number, rows: readonly Record<string, Cell>[]): Table {
  return {
    title: `Sent for ${VERSIONS} more versions of ${count.toLocaleString('en')} ${SHAPES.tiny.title}`,
    columns: {
      'samples per shard, at most': 'count',
      'from version to version': 'text',
      'in sequence': 'MB',
      'by content': 'MB',
      'of sequence': '%',
      'shards new': 'count',
      'of all': 'count',
    },
    rows,
    notes: [
      'Shards and their offset indexes, as counted by the store; each version changes, adds or removes one sample in a hundred of the one before. The samples bring no keys.',
      'By content a shard is sent when a sample in it differs. Changes here and there differ in as many shards as they can hit: only small shards help. Keys made of content are longer than positions, and so are the offset indexes that hold them.',
    ],
  }
}

function shardsRow(maxcount: number, { sampleCounts }: Sent): Record<string, Cell> {
  const chosen = sampleCounts.slice(0, -1) // the last one ends with the data
  const sorted = chosen.toSorted((a, b) => a - b)
  const tenths = (part: number) => sorted[Math.floor((sorted.length * part) / 10)]
  return {
    'samples per shard, at most': maxcount,
    shards: sampleCounts.length,
    mean: Math.round(chosen.reduce((sum, samples) => sum + samples, 0) / chosen.length),
    median: median(chosen),
    'a tenth below': tenths(1),
    'a tenth above': tenths(9),
    'ended by the limit': chosen.filter((samples) => samples === maxcount).length / chosen.length,
  }
}

function shardsTable(rows: readonly Record<string, Cell>[]): Table {
  return {
    title: 'Samples per shard when content chooses where shards end',
    columns: {
      'samples per shard, at most': 'count',
      shards: 'count',
      mean: 'count',
      median: 'count',
      'a tenth below': 'count',
      'a tenth above': 'count',
      'ended by the limit': '%',
    },
    rows,
    notes: ['Of the first version, without its last shard.'],
  }
}
