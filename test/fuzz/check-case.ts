import { isDeepStrictEqual } from 'node:util'
import { getHeapStatistics } from 'node:v8'
import type { Input, Target } from './target.ts'

/** Of CPU, so that what else a machine has to do does not count: much more than any case needs, and much less than a person waits. */
const MAX_MS = 250
/** What a case may allocate, garbage included: so much, and so many times its input. */
const MAX_BYTES = 48 * 2 ** 20
const MAX_BYTES_PER_BYTE = 600
/** The least of so many, because caches are cold the first time. */
const MEASUREMENTS = 4

/** What was wrong with a case. */
export interface Fault {
  readonly kind: 'error' | 'slow' | 'memory' | 'surroundings' | 'hang' | 'crash'
  readonly message: string
}

/** Run one case and hold it against what every parser promises; `undefined` if it kept to it. */
export async function checkCase(target: Target, input: Input, scratch: string): Promise<Fault | undefined> {
  const { outcome, isAsync, ...first } = await measure(target, placed(input, 0xa5), scratch)
  if ('error' in outcome && !target.refuses(outcome.error)) return { kind: 'error', message: told(outcome.error) }
  const limit = MAX_BYTES + MAX_BYTES_PER_BYTE * input.length
  // Garbage collection can only make it look smaller.
  if (first.bytes > limit) return { kind: 'memory', message: `${first.bytes} bytes allocated for an input of ${input.length}` }
  let { ms } = first
  for (let i = 1; i < MEASUREMENTS && ms > MAX_MS; i++)
    ms = Math.min(ms, (await measure(target, placed(input, 0xa5), scratch)).ms)
  if (ms > MAX_MS) return { kind: 'slow', message: `${Math.round(ms)} ms for an input of ${input.length}` }
  // Files have no surroundings.
  if (isAsync) return undefined
  const second = await measure(target, placed(input, 0x5a), scratch)
  if (isDeepStrictEqual(comparable(outcome), comparable(second.outcome))) return undefined
  return { kind: 'surroundings', message: 'the result depends on bytes outside of the input' }
}

type Outcome = { readonly value: unknown } | { readonly error: unknown }

async function measure(
  target: Target,
  input: Input,
  scratch: string,
): Promise<{ outcome: Outcome; isAsync: boolean; ms: number; bytes: number }> {
  const bytesBefore = allocated()
  const before = process.threadCpuUsage()
  let outcome: Outcome
  let isAsync = false
  try {
    const value = target.run(input, scratch)
    isAsync = value instanceof Promise
    outcome = { value: isAsync ? await value : value }
  } catch (error) {
    outcome = { error }
  }
  const { user, system } = process.threadCpuUsage(before)
  return { outcome, isAsync, ms: (user + system) / 1000, bytes: allocated() - bytesBefore }
}

/** Bytes in the middle of a larger buffer, so that reading beside them is possible and shows. */
function placed(input: Input, surrounding: number): Input {
  if (typeof input === 'string') return input
  const around = new Uint8Array(input.length + 2 * MARGIN).fill(surrounding)
  around.set(input, MARGIN)
  return around.subarray(MARGIN, MARGIN + input.length)
}

/** A multiple of 8, so that views of wide numbers are possible too. */
const MARGIN = 64

/** Of this process. Drops when garbage is collected, which hides an allocation and never invents one. */
function allocated(): number {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

function comparable(outcome: Outcome): unknown {
  if ('value' in outcome) return outcome.value
  return outcome.error instanceof Error ? `${outcome.error.name}: ${outcome.error.message}` : outcome.error
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const place = /^ +at .*/m.exec(error.stack?.replace(/^.*?\n(?= +at )/s, '') ?? '')?.[0].trim() ?? ''
  return `${error.name}: ${error.message.slice(0, 600).replace(/\s+/g, ' ')} ${place}`
}
