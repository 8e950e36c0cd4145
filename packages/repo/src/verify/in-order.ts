/**
 * Results in the order of their items, of which a few are worked on at a time. When one fails, or nobody wants more, the others are stopped and
 * waited for.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  parallel: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result> {
  const stop = new AbortController()
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  const running: Promise<Result>[] = []
  try {
    for (const item of items) {
      if (running.length === parallel) yield await running.shift()!
      const result = work(item, either)
      result.catch(() => {}) // it is told when its turn comes
      running.push(result)
    }
    while (running.length > 0) yield await running.shift()!
  } finally {
    stop.abort()
    await Promise.allSettled(running)
  }
}
