import type { Ingest, IngestPlan, IngestShard, Lease } from './ingest.ts'
import type { Page, PageOptions } from './paging.ts'
import type { CallOptions } from './provider.ts'

/** The part of a backend that keeps the journals of inserts. Each call is one step. The commit that ends a journal is `IndexProvider.commit`. */
export interface IngestJournal {
  /**
   * Open the journal of an insert, renew the lease of the owner, or take over one whose lease has run out. A lease that ends further ahead than it
   * is long was given by a clock that jumped, and does not count. A journal that was committed or abandoned is returned as it is.
   * @throws `ingest.conflict` if it began with another name, layout or other settings; `ingest.busy` while another owner holds it
   */
  begin(plan: IngestPlan, lease: Lease, options?: CallOptions): Promise<Ingest>
  /** Also if the lease has run out and nobody took over. @throws `ingest.lost` */
  renew(id: string, lease: Lease, options?: CallOptions): Promise<void>
  /**
   * Note a shard that is stored; noting it again replaces it. Marks of its objects are taken back in the same step.
   * @returns the objects that are being deleted, which cannot be taken back: if there are any, nothing was noted
   * @throws `ingest.lost`
   */
  note(id: string, owner: string, shard: IngestShard, options?: CallOptions): Promise<readonly string[]>
  /** By number. Of a journal that is not open there are none. */
  listShards(id: string, options?: PageOptions): Promise<Page<IngestShard>>
  /** Let the lease end now, so that whoever continues need not wait. What another owner holds is left alone. */
  release(id: string, owner: string, options?: CallOptions): Promise<void>
  /**
   * Give an insert up: it can never be committed. By its owner; or by anybody if it is open and its lease ran out `idleMs` ago. A lease that a clock
   * gave that jumped ends now instead, so that a later call can.
   * @returns whether it is abandoned now
   */
  abandon(id: string, by: { readonly owner: string } | { readonly idleMs: number }, options?: CallOptions): Promise<boolean>
  /** Remove a journal that is not open. @returns whether it was there and is gone */
  forget(id: string, options?: CallOptions): Promise<boolean>
  find(id: string, options?: CallOptions): Promise<Ingest | undefined>
  /** In the order in which they began. */
  list(options?: PageOptions): Promise<Page<Ingest>>
  /** Open and resumable journals for a name, in the order in which they began. */
  openFor(name: string, options?: CallOptions): Promise<readonly Ingest[]>
}
