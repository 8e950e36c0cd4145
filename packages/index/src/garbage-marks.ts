import type { GarbageMark } from './ingest.ts'
import type { Page, PageOptions } from './paging.ts'
import type { CallOptions } from './provider.ts'

/**
 * The part of a backend that keeps marks on objects that nothing needs. Each call is one step. A mark that was seen is claimed or taken away only
 * as it was seen: meanwhile a writer may have taken it back, and a collector that looked before that may have marked the object anew.
 */
export interface GarbageMarks {
  /** Mark objects that nothing needs. One that has a mark already keeps it. @param urls at most 1000 @returns how many were new */
  mark(urls: readonly string[], options?: CallOptions): Promise<number>
  /** From the oldest mark, in a stable order. @param olderThanMs only marks that are as they are for so long, by the registry's clock; 0: all, also those of a clock that ran ahead */
  list(olderThanMs: number, options?: PageOptions): Promise<Page<GarbageMark>>
  /**
   * Decide to delete: what is as it was seen becomes `deleting`, or stays it and is claimed anew.
   * @param marks at most 1000
   * @returns the marks as they are now, of those that the caller may delete
   */
  claim(marks: readonly GarbageMark[], options?: CallOptions): Promise<readonly GarbageMark[]>
  /** Take away those that are as they were seen. @param marks at most 1000 @returns how many */
  unmark(marks: readonly GarbageMark[], options?: CallOptions): Promise<number>
}
