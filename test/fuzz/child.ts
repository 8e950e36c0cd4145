import { openSync, writeSync } from 'node:fs'
import { checkCase, type Fault } from './check-case.ts'
import { inputsOf } from './inputs.ts'
import { targetNamed } from './targets.ts'

/** What a process is to do: cases `[first, end)` of a target. */
export interface Work {
  readonly target: string
  readonly seed: number
  readonly first: number
  readonly end: number
  /** A folder for files. */
  readonly scratch: string
  /** A file that holds the number of the case before it runs, so that whoever started the process knows which one it died of. */
  readonly atFile: string
}

/** A case that failed, or that all are done. */
export type Report = { readonly at: number; readonly fault: Fault } | 'done'

const { target: name, seed, first, end, scratch, atFile } = JSON.parse(process.argv[2] ?? '') as Work
const target = targetNamed(name)
const inputAt = await inputsOf(target, seed)
const file = openSync(atFile, 'w')
const at = new Float64Array(1)
for (let i = first; i < end; i++) {
  const input = inputAt(i)
  at[0] = i
  writeSync(file, at, 0, 8, 0)
  const fault = await checkCase(target, input, scratch)
  if (fault !== undefined) await report({ at: i, fault })
}
await report('done')
process.disconnect()

function report(what: Report): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  process.send?.(what, (error: Error | null) => (error === null ? resolve() : reject(error)))
  return promise
}
