import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { describeMachine, type Machine } from './machine.ts'
import { type Table, toMarkdown } from './table.ts'

/** What one run of a bench found, as it lies in `results/`. */
export interface Result {
  readonly bench: string
  readonly about: string
  /** UTC, to the second. */
  readonly date: string
  readonly machine: Machine
  readonly command: string
  readonly tables: readonly Table[]
}

const FOLDER = new URL('./results/', import.meta.url)

/** Keep a result, and write the page that shows all that are kept. */
export async function saveResult(result: Result): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  await writeFile(new URL(`${result.bench}.json`, FOLDER), `${JSON.stringify(result, null, 2)}\n`)
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.json')).sort()
  const kept = await Promise.all(files.map(async (file) => JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')) as Result))
  await writeFile(new URL('README.md', FOLDER), `${page(kept)}\n`)
}

function page(results: readonly Result[]): string {
  return [
    '# Results',
    'Written by `npm run bench -- --save`; do not edit. Only what stands in one table was measured in one run and can be compared.',
    ...results.flatMap(({ bench, about, date, machine, command, tables }) => [
      `## ${bench}`,
      about,
      `${date}, ${describeMachine(machine)}. Make it again: \`${command}\``,
      ...tables.map(toMarkdown),
    ]),
  ].join('\n\n')
}
