/**
 * The same items, but an abort ends the wait even while the source is silent. A source that still owes an answer when that
 * happens is told to stop and not waited for.
 */
export async function* stoppable<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T, void, void> {
  if (signal === undefined) return yield* source
  signal.throwIfAborted()
  // A signal of our own: Node warns about one with more than ten listeners, and a caller's may stop many streams at once.
  const stop = AbortSignal.any([signal])
  const iterator = source[Symbol.asyncIterator]()
  let owed = false
  try {
    while (true) {
      owed = true
      const result = await abortable(iterator.next(), stop)
      owed = false
      if (result.done === true) return
      yield result.value
    }
  } finally {
    const stopped = Promise.resolve(iterator.return?.())
    if (owed) stopped.catch(() => {})
    else await stopped
  }
}

/** The result, or the reason of an abort that comes first. What was begun goes on; nobody waits for it. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
