/** Remembers whether a store was disposed of. */
export interface Lifetime {
  /** @throws {TypeError} after `end` */
  assertOpen(): void
  end(): void
}

export function lifetimeOf(rootUrl: string): Lifetime {
  let ended = false
  return {
    assertOpen() {
      if (ended) throw new TypeError(`the store at ${rootUrl} was disposed of; open it again to use it`)
    },
    end() {
      ended = true
    },
  }
}
