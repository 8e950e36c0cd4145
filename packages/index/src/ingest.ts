/** What is decided when an insert begins. All of it, but for `base`, must be the same when the insert is continued. */
export interface IngestPlan {
  /** Chosen by the caller: 1 to 255 bytes of UTF-8 without control characters. */
  readonly id: string
  /** The name that the dataset is to get. */
  readonly name: string
  /** The URL that every object of this insert starts with, and no object of another insert in the layout `sequence`. */
  readonly base: string
  /** How shards get their keys: by their number after `base`, or by their digest, so that inserts share them. */
  readonly layout: 'sequence' | 'content'
  /** Text that is the same if and only if the same samples would give the same shards. */
  readonly settings: string
  /** Whether somebody knows the id and may come back. If not, the insert is dead as soon as its lease has run out. */
  readonly resumable: boolean
}

/** Who writes, and for how long after the last sign of life nobody else may. */
export interface Lease {
  /** A random text that no two writers share. */
  readonly owner: string
  readonly leaseMs: number
}

/** The journal of one insert. All times are those of the registry's clock. */
export interface Ingest extends IngestPlan {
  readonly state: 'open' | 'committed' | 'abandoned'
  /** The entry that it became; set if and only if it is committed. */
  readonly cid?: string | undefined
  readonly beganAtMs: number
  /** Open: when the lease runs or ran out. Otherwise: when it was committed or abandoned. */
  readonly untilMs: number
  /** How many shards are noted. */
  readonly shardCount: number
}

/** A shard of an open journal that is stored. */
export interface IngestShard {
  /** Its place in the dataset, from 0. */
  readonly number: number
  /** DAG-CBOR, as the details of an entry hold it. */
  readonly description: Uint8Array
  /** The objects that hold it: the tar and its offset index. */
  readonly urls: readonly string[]
}

/**
 * An object that nothing needed when it was last looked at.
 *
 * A claim is not taken back when its collector dies or sleeps, so a mark `deleting` outlives the object: as long as it is there, a writer stores
 * the same bytes under another key, and a collector that wakes up late deletes nothing that is needed. It may be taken away when the object is
 * gone, the claim is older than any collector's patience, and every open journal began after it: an older one may have seen the object.
 */
export interface GarbageMark {
  readonly url: string
  /** Since when it is in this state, by the registry's clock: when it was marked, or last claimed. */
  readonly markedAtMs: number
  /** `deleting`: some collector may be deleting it at this moment. Nothing may come to need it any more. */
  readonly state: 'marked' | 'deleting'
}
