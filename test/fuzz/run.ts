/**
 * Fuzz every parser for as many cases as are asked for: `npm run fuzz -- --cases 1000000 [--target array] [--seed 7]`, and one case again by
 * `--target array --seed 7 --case 12345`.
 */
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeFailure } from './describe-failure.ts'
import { type Failure, fuzz } from './supervise.ts'
import { TARGETS } from './targets.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    target: { type: 'string', multiple: true, default: TARGETS.map(({ name }) => name) },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    case: { type: 'string' },
  },
})
const seed = wholeNumber('--seed', values.seed)
const single = values.case === undefined ? undefined : wholeNumber('--case', values.case)
const count = single === undefined ? Math.ceil(wholeNumber('--cases', values.cases) / values.target.length) : 1
/** Kinds of failures beyond this are counted only. */
const MAX_SHOWN = 12

const isTerminal = process.stderr.isTTY
let failures = 0
let total = 0
console.log(`seed ${seed}, ${count} cases each of ${values.target.join(', ')}`)
for (const target of values.target) {
  const start = performance.now()
  const found: Failure[] = []
  await fuzz({
    target,
    seed,
    first: single,
    count,
    onFailure: (failure) => found.push(failure),
    onProgress: (done) => isTerminal && process.stderr.write(`\r${target}: ${done} of ${count}, ${found.length} failures `),
  })
  if (isTerminal) process.stderr.write('\r\x1b[K')
  const seconds = (performance.now() - start) / 1000
  console.log(
    `${target.padEnd(20)} ${count} cases in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} per second, ${found.length} failures`,
  )
  for (const failure of firstOfEachKind(found)) console.log(await show(failure))
  failures += found.length
  total += count
}
console.log(`${total} cases, ${failures} failures`)
if (failures > 0) process.exitCode = 1

async function show(failure: Failure): Promise<string> {
  const { text, input } = await describeFailure(failure)
  const dir = await mkdtemp(join(tmpdir(), 'shardex-fuzz-failure-'))
  const path = join(dir, `${failure.target}-${failure.seed}-${failure.at}`)
  await writeFile(path, input)
  return `${text}\n  in a file:    ${path}`
}

function firstOfEachKind(found: readonly Failure[]): readonly Failure[] {
  const kinds = Object.groupBy(
    found,
    ({ fault }) => `${fault.kind} ${fault.message.replace(/\d+|".*?"|'.*?'/gs, '#').slice(0, 120)}`,
  )
  return Object.values(kinds)
    .flatMap((kind) => kind?.slice(0, 1) ?? [])
    .slice(0, MAX_SHOWN)
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new TypeError(`${option} ${text}, wanted a whole number`)
  return number
}
