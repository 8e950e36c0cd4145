export interface ReadingOptions {
  /** Samples per batch; the last batch holds what is left. Default: no batches. */
  readonly batchSize?: number | undefined
  /**
   * Whether memory may be used again: arrays and bytes of a sample, or of a batch, are then good until the next one is asked for, and no longer, so that
   * nobody may ask ahead. Large samples of shards on a disk, or in a cache, are read faster, in order about twice as fast. Default false: they are good for ever.
   */
  readonly reuse?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}
