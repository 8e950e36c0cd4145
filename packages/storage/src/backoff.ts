import { abortable } from './stoppable.ts'

export interface RetryOptions {
  /** How often something is tried in all before it is given up, at least 1. Default 5. */
  readonly attempts?: number | undefined
  /** The longest wait before the first retry, in ms; it doubles with every further one, up to 10 s. Default 100. */
  readonly baseDelayMs?: number | undefined
}

export const DEFAULT_ATTEMPTS: number = 5
const DEFAULT_BASE_DELAY_MS = 100
const MAX_DELAY_MS = 10_000

/** Wait before retry number `retry` (from 1), with full jitter, so that many clients do not come back at once. */
export async function backOff(
  retry: number,
  options: RetryOptions,
  signal: AbortSignal | undefined,
  atLeastMs = 0,
): Promise<void> {
  const ceiling = Math.min(MAX_DELAY_MS, (options.baseDelayMs ?? DEFAULT_BASE_DELAY_MS) * 2 ** (retry - 1))
  const delayMs = Math.min(MAX_DELAY_MS, Math.max(atLeastMs, Math.random() * ceiling))
  let timer: ReturnType<typeof setTimeout> | undefined
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, delayMs)
  })
  await abortable(slept, signal).finally(() => clearTimeout(timer))
}
