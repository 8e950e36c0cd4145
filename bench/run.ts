/**
 * `npm run bench -- [name…]` measures and prints; see README.md. It writes nothing that stays, unless `--save`.
 * @module
 */
import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { cache } from './cache/bench.ts'
import { cost } from './cost/bench.ts'
import { firstSample } from './first-sample/bench.ts'
import { insertS3 } from './insert-s3/bench.ts'
import { lookups } from './lookups/bench.ts'
import { describeMachine, thisMachine } from './machine.ts'
import { memory } from './memory/bench.ts'
import { queries } from './queries/bench.ts'
import { randomReads } from './random-reads/bench.ts'
import { readers } from './readers/bench.ts'
import { type Result, saveResult } from './results.ts'
import { samples } from './samples/bench.ts'
import { toText } from './table.ts'
import { versions } from './versions/bench.ts'

const BENCHES: readonly Bench[] = [
  samples,
  readers,
  firstSample,
  randomReads,
  queries,
  cost,
  versions,
  memory,
  lookups,
  insertS3,
  cache,
]

/** Both look at these before they look at the CPU: https://docs.openssl.org/3.5/man3/OPENSSL_ia32cap/ and Go's `internal/cpu`. */
const WITHOUT_SHA = { OPENSSL_ia32cap: ':~0x20000000', GODEBUG: 'cpu.sha=off' }

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    'without-sha': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name))

if (flags.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`there is no bench ${unknown.join(', ')}`)
  console.log(help())
  process.exitCode = unknown.length > 0 ? 2 : 0
} else if (flags.save && flags.quick) {
  console.error('the figures of --quick mean nothing, so they are not saved')
  process.exitCode = 2
} else if (flags['without-sha'] && process.arch !== 'x64') {
  console.error(`--without-sha is for x64, found ${process.arch}`)
  process.exitCode = 2
} else {
  if (flags['without-sha']) Object.assign(process.env, WITHOUT_SHA)
  await runAll(names.length === 0 ? BENCHES : BENCHES.filter(({ name }) => names.includes(name)))
}

async function runAll(benches: readonly Bench[]): Promise<void> {
  if (!flags.json) console.log(describeMachine(thisMachine()))
  const results: Result[] = []
  for (const bench of benches) {
    const say = (what: string) => process.stderr.write(`${bench.name}: ${what}\n`)
    const tables = await bench.run({ quick: flags.quick, say })
    const date = `${new Date().toISOString().slice(0, 19)}Z`
    const result = { ...named(bench), date, machine: thisMachine(), tables }
    results.push(result)
    if (flags.save) await saveResult(result)
    if (!flags.json) for (const table of tables) console.log(`\n${toText(table)}`)
  }
  if (flags.json) console.log(JSON.stringify(results, null, 2))
}

function named({ name, about }: Bench): Pick<Result, 'bench' | 'about' | 'command'> {
  const command = `npm run bench -- ${name}`
  if (!flags['without-sha']) return { bench: name, about, command }
  return {
    bench: `${name}-without-sha`,
    about: `${about} No program that the bench started used the SHA instructions of the CPU.`,
    command: `${command} --without-sha`,
  }
}

function help(): string {
  return [
    'npm run bench -- [name…] [--quick] [--json] [--save] [--without-sha]',
    '',
    ...BENCHES.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`),
    '',
    '  --quick    small sizes, to see that everything works',
    '  --json     the figures as they were measured',
    '  --save     keep them in bench/results/',
    '  --without-sha  as on a CPU without SHA instructions: no program that the bench starts uses them',
  ].join('\n')
}
