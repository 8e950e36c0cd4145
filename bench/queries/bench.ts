import { tempDir } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { measureNode } from '../measure/measure.ts'
import { inRounds, type Measured, median, timesLonger } from '../measure/rounds.ts'
import type { Table } from '../table.ts'
import type { ReadArgs } from './tasks.ts'

const TASKS = import.meta.resolve('./tasks.ts')

const COUNTS = { full: 200_000, quick: 4_000 }

export const queries: Bench = {
  name: 'queries',
  about:
    'Samples found by the manifests of their shards, beside reading all of them; and what manifests cost when samples are written.',
  async run({ quick, say }) {
    const count = quick ? COUNTS.quick : COUNTS.full
    const rounds = quick ? 1 : 5
    await using dirs = new AsyncDisposableStack()
    const written = await inRounds(rounds, { 'with manifests': () => writeTo(true), without: () => writeTo(false) }, say)
    const { path: dir } = dirs.use(await tempDir('bench'))
    await measureNode(TASKS, 'write', { dir, count, manifest: true })
    const reading = (how: ReadArgs['how'], where: ReadArgs['where']) => () => measureNode(TASKS, 'read', { dir, how, where })
    const spread = { topic: 'topic 7' }
    const found = await inRounds(
      rounds,
      {
        'all samples, in order': reading('all', {}),
        'one in a thousand, all samples looked at': reading('scan', spread),
        'one in a thousand, by manifests': reading('query', spread),
        'one in a thousand, counted': reading('count', spread),
        '500 that lie together, by manifests': reading('query', { id: { gte: count / 2, lt: count / 2 + 500 } }),
        'none, by manifests': reading('query', { id: { lt: 0 } }),
      },
      say,
    )
    return [readTable(count, found), writeTable(count, written)]

    async function writeTo(manifest: boolean) {
      await using temp = await tempDir('bench')
      return await measureNode(TASKS, 'write', { dir: temp.path, count, manifest })
    }
  },
}

function readTable(count: number, measured: Measured): Table {
  const all = measured['all samples, in order']!
  return {
    title: `Queries of ${count.toLocaleString('en')} samples of 2.2 kB on this machine`,
    columns: { what: 'text', found: 'count', time: 'ms', 'times faster than all': '×' },
    rows: Object.entries(measured).map(([what, measures]) => ({
      what,
      found: measures[0]!.facts['found'],
      time: median(measures.map(({ seconds }) => 1000 * seconds)),
      'times faster than all': timesLonger(all, measures),
    })),
    notes: [
      `Opening the registry, finding the dataset by its name, reading its manifests and what they select, checking it, and closing. Medians of ${all.length} rounds in turn, each in a process of its own that has asked another question before. All from the page cache, where reading everything is as cheap as it ever gets.`,
    ],
  }
}

function writeTable(count: number, measured: Measured): Table {
  const [withManifests, without] = [measured['with manifests']!, measured['without']!]
  const secondsOf = (what: keyof (typeof without)[number] & ('seconds' | 'cpuSeconds'), measures: typeof without) =>
    median(measures.map((measure) => measure[what]))
  return {
    title: `Inserting the same ${count.toLocaleString('en')} samples`,
    columns: { what: 'text', time: 's', CPU: 's', 'times longer': '×' },
    rows: [['without manifests', without] as const, ['with manifests', withManifests] as const].map(([what, measures]) => ({
      what,
      time: secondsOf('seconds', measures),
      CPU: secondsOf('cpuSeconds', measures),
      'times longer': timesLonger(measures, without),
    })),
    notes: ['Manifests of three fields: a number, a text of 1,000 values and a float.'],
  }
}
