/** One step that blocks of samples pass through on their way to the reader. */
export interface Stage {
  run(blocks: AsyncIterable<object[]>): AsyncIterable<object[]>
  /** It counts samples, so what comes before it must keep the order of the dataset. */
  readonly limits: boolean
}

export function filtered(keep: (sample: object) => boolean | Promise<boolean>): Stage {
  return {
    limits: false,
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
    limits: false,
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
    limits: true,
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
