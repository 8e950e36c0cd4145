import type { Table } from './table.ts'

/** One question about speed or memory, answered by running it. */
export interface Bench {
  readonly name: string
  /** What it tells, in one line. */
  readonly about: string
  run(options: BenchOptions): Promise<readonly Table[]>
}

export interface BenchOptions {
  /** Small sizes: shows that the bench works, its figures mean nothing. */
  readonly quick: boolean
  /** Tell the person who waits what is going on. */
  readonly say: (what: string) => void
}
