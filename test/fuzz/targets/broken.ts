import { setTimeout } from 'node:timers/promises'
import { type Target, target } from '../target.ts'

/** Parsers with one fault each, on every case, to see that the harness notices. */
export const brokenTargets: readonly Target[] = [
  broken('broken-throw', () => {
    throw new RangeError('out of stack')
  }),
  broken('broken-overread', (bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length + 1)),
  broken('broken-memory', () => new Uint8Array(2 ** 28).length),
  broken('broken-slow', () => burn(300)),
  broken('broken-hang', () => burn(60_000)),
  broken('broken-wait', () => setTimeout(60_000)),
  broken('broken-heap', () => {
    const hoard: unknown[] = []
    for (;;) hoard.push(new Array<unknown>(1000).fill(hoard.length))
  }),
]

function broken(name: string, run: (bytes: Uint8Array) => unknown): Target {
  return target<Uint8Array>({ name, corpus: () => [Uint8Array.of(1, 2, 3)], mutate: (_, input) => input, run })
}

/** @param ms of CPU */
function burn(ms: number): void {
  const start = process.threadCpuUsage()
  for (let spentMs = 0; spentMs < ms; ) {
    const { user, system } = process.threadCpuUsage(start)
    spentMs = (user + system) / 1000
  }
}
