import { expect } from 'vitest'

/** All that comes. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** What a call is refused with. Fails if it is not. */
export function refused(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.unreachable('it was not refused'),
    (error: unknown) => error,
  )
}
