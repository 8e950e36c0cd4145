/**
 * `node child.ts MODULE TASK ARGS`: runs one task in a process of its own and prints what it took, as JSON.
 * By hand, under a profiler: `node --cpu-prof --conditions=@shardex/source bench/measure/child.ts …`.
 */
import { readFileSync } from 'node:fs'
import type { Measure, Task } from './measure.ts'

const [module = '', task = '', args = '{}'] = process.argv.slice(2)
const { [task]: prepare } = (await import(module)) as Record<string, Task<unknown>>
if (prepare === undefined) throw new TypeError(`${module} has no task ${task}`)
const work = await prepare(JSON.parse(args))

const cpuBefore = process.cpuUsage()
const startedMs = performance.now()
const facts = await work()
const seconds = (performance.now() - startedMs) / 1000
const { user, system } = process.cpuUsage(cpuBefore)
const measure: Measure = { seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes: peakRssBytes(), facts: facts ?? {} }
console.log(JSON.stringify(measure))

/** Linux counts the peak of rusage from before exec, when this was a copy of its parent; VmHWM is this program's own. */
function peakRssBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
}
