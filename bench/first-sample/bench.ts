import { tempDir } from '../../test/services/index.ts'
import type { Bench } from '../bench.ts'
import { measureNode } from '../measure/measure.ts'
import { inRounds, median, type Variants } from '../measure/rounds.ts'
import { SHAPES } from '../samples/shapes.ts'
import type { Table } from '../table.ts'

const SAMPLES = import.meta.resolve('../samples/tasks.ts')
const TASKS = import.meta.resolve('./tasks.ts')

const COUNTS = { full: { tiny: 1_000_000, large: 5_000 }, quick: { tiny: 2_000, large: 100 } }

export const firstSample: Bench = {
  name: 'first-sample',
  about: 'How long the first sample of a named dataset takes, in order and shuffled, from SQLite and disk.',
  async run({ quick, say }) {
    await using dirs = new AsyncDisposableStack()
    const variants: Record<string, Variants[string]> = {}
    for (const shape of ['tiny', 'large'] as const) {
      const count = COUNTS[quick ? 'quick' : 'full'][shape]
      const { path: dir } = dirs.use(await tempDir('bench'))
      await measureNode(SAMPLES, 'write', { shape, count, dir })
      for (const shuffled of [false, true]) {
        const what = `${count.toLocaleString('en')} ${SHAPES[shape].title}, ${shuffled ? 'shuffled' : 'in order'}`
        for (const task of ['fresh', 'again'])
          variants[`${what}: ${task}`] = () => measureNode(TASKS, task, { shape, dir, shuffled })
      }
    }
    return [table(await inRounds(quick ? 1 : 7, variants, say))]
  },
}

function table(measured: Awaited<ReturnType<typeof inRounds>>): Table {
  const names = Object.keys(measured).filter((name) => name.endsWith(': fresh'))
  return {
    title: 'Time to the first sample of a named dataset on this machine',
    columns: { dataset: 'text', median: 'ms', longest: 'ms', 'first in a process': 'ms', 'with its start': 'ms' },
    rows: names.map((name) => {
      const again = measured[name.replace(': fresh', ': again')]!
      const fresh = measured[name]!
      return {
        dataset: name.replace(': fresh', ''),
        median: median(again.map(({ facts }) => facts['medianMs']!)),
        longest: median(again.map(({ facts }) => facts['longestMs']!)),
        'first in a process': median(fresh.map(({ seconds }) => 1000 * seconds)),
        'with its start': median(fresh.map(({ facts }) => facts['sinceStartMs']!)),
      }
    }),
    notes: [
      `Opening the registry, finding the dataset by its name, its offset index, the first sample read and checked; and closing all that. Medians of ${measured[names[0]!]!.length} rounds in turn: median and longest are those of a hundred times in a process that has done it before.`,
      'First in a process: nothing is compiled or opened yet, but the packages are loaded. With its start: Node and the packages too, from TypeScript source. All from the page cache.',
    ],
  }
}
