import { fileURLToPath } from 'node:url'
import { run } from '../../test/services/index.ts'

/** Everything that is not to be measured (imports, warming up), then a function that is. It may report facts about what it did. */
export type Task<Args> = (args: Args) => Promise<() => Promise<Facts | undefined>>

export type Facts = Readonly<Record<string, number>>

export interface Measure {
  readonly seconds: number
  /** Of all threads. */
  readonly cpuSeconds: number
  /** Of the whole process, from its start. */
  readonly peakRssBytes: number
  readonly facts: Facts
}

/**
 * Run an exported task of a module in a process of its own.
 * @param flags further ones of Node
 */
export function measureNode<Args>(module: string, task: string, args: Args, flags: readonly string[] = []): Promise<Measure> {
  const child = [fileURLToPath(CHILD), module, task, JSON.stringify(args)]
  return measure(process.execPath, ['--conditions=@shardex/source', ...flags, ...child])
}

/** The same for a Python script, which prints a {@link Measure} at its end. */
export function measurePython<Args>(python: string, script: URL, task: string, args: Args): Promise<Measure> {
  return measure(python, [fileURLToPath(script), task, JSON.stringify(args)])
}

const CHILD = new URL('./child.ts', import.meta.url)

async function measure(program: string, args: readonly string[]): Promise<Measure> {
  return JSON.parse(await run(program, args)) as Measure
}
