/** One step that blocks of samples pass through on their way to the reader. */
export interface Stage {
  run(blocks: AsyncIterable<object[]>): AsyncIterable<object[]>
  /** It gives one sample for each, in their order. */
  readonly isOneToOne: boolean
  /** It gives samples of its own making. */
  readonly isMap: boolean
  /** It gives so many samples at most, the first ones in the order of the dataset. */
  readonly limit?: number | undefined
}

export function filtered(keep: (sample: object) => boolean | Promise<boolean>): Stage {
  return {
    isOneToOne: false,
    isMap: false,
    async *run(blocks) {
      for await (const block of blocks) {
        const kept: object[] = []
        for (const sample of block) {
          const answer = keep(sample)
          if (typeof answer === 'boolean' ? answer : await answer) kept.push(sample)
        }
        if (kept.length > 0) yield kept
      }
    },
  }
}

export function mapped(make: (sample: object) => object | Promise<object>): Stage {
  return {
    isOneToOne: true,
    isMap: true,
    async *run(blocks) {
      for await (const block of blocks) {
        const made: object[] = []
        for (const sample of block) {
          const result = make(sample)
          made.push(result instanceof Promise ? await result : result)
        }
        yield made
      }
    },
  }
}

export function limited(count: number): Stage {
  return {
    isOneToOne: true,
    isMap: false,
    limit: count,
    async *run(blocks) {
      let left = count
      if (left === 0) return
      for await (const block of blocks) {
        yield block.length > left ? block.slice(0, left) : block
        left -= block.length
        if (left <= 0) return
      }
    },
  }
}

/** How many samples of the dataset there are to read for these stages, or `undefined` if that shows only when they are read. */
export function limitOf(stages: readonly Stage[]): number | undefined {
  let limit = Number.POSITIVE_INFINITY
  let isOneToOne = true
  for (const stage of stages) {
    if (stage.limit !== undefined && !isOneToOne) return undefined
    limit = Math.min(limit, stage.limit ?? limit)
    isOneToOne &&= stage.isOneToOne
  }
  return limit
}
