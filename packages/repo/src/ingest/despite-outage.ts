import { setTimeout as sleep } from 'node:timers/promises'
import { isShardexError } from '@shardex/errors'

/** After this no further attempt is begun: long enough for a registry to be restarted, and for a call that got no answer to be made again. */
const PATIENCE_MS = 20_000
const FIRST_PAUSE_MS = 50

/** Make a call again while the registry is away. Only for calls that may be carried out twice. */
export async function despiteOutage<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const startedAtMs = performance.now()
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    try {
      return await call()
    } catch (error) {
      const isOver = performance.now() - startedAtMs + pauseMs > PATIENCE_MS
      if (isOver || signal?.aborted || !isShardexError(error, 'index.unavailable')) throw error
    }
    await sleep(Math.min(pauseMs, 1_000), undefined, { signal }).catch(() => {})
    signal?.throwIfAborted()
  }
}
