import type { Label, NameRevision } from './entry.ts'
import type { GarbageMarks } from './garbage-marks.ts'
import type { IngestJournal } from './ingest-journal.ts'
import type { LensShelf } from './lens-shelf.ts'
import type { Page, PageOptions } from './paging.ts'

/** Options of every call that does I/O. An abort ends the wait; a write that has left for the backend may still happen. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface WriteOptions extends CallOptions {
  /** Write only if this is the current revision of the name; 0: only if the name does not exist. */
  readonly ifRevision?: number | undefined
}

/** A time or a step in the life of a name. */
export type Moment = { readonly revision: number } | { readonly timeMs: number }

/** An entry as backends keep it: text, and bytes they do not look into. */
export interface StoredEntry {
  readonly cid: string
  readonly name: string
  readonly schemaRef: string
  /** msgpack array of strings. */
  readonly dataUrls: Uint8Array
  /** msgpack map. */
  readonly metadata?: Uint8Array | undefined
  /** Set by the first version of atdata. */
  readonly legacyUuid?: string | undefined
  /** DAG-CBOR, see `shard-details.ts`. */
  readonly details?: Uint8Array | undefined
  readonly createdAtMs?: number | undefined
}

/** An entry found by a name, with the revision that pointed to it. */
export interface FoundEntry {
  readonly entry: StoredEntry
  readonly revision: number
}

/** What one commit writes. `entry.name` is the name that will point to it. */
export interface Commit extends Omit<WriteOptions, 'signal'> {
  readonly entry: Omit<StoredEntry, 'createdAtMs'>
  /** What `entry.details` say of it; without details it means nothing. Kept for the records of steps to this entry. */
  readonly contentCid?: string | undefined
  readonly label?: { readonly version: string; readonly description?: string | undefined } | undefined
  /** The journal that ends with this commit, in the same step. */
  readonly ingest?: { readonly id: string; readonly owner: string } | undefined
  /** URLs of what the entry needs: they are no garbage from now on. */
  readonly objects?: readonly string[] | undefined
}

/** Where a name points now. */
export interface NamePointer {
  readonly name: string
  readonly revision: number
  readonly cid: string
  readonly atMs: number
}

/** What a name remembers of its newest step, also after it was deleted. The history must end with the same one. */
export interface HistoryHead {
  readonly revision: number
  readonly atMs: number
  readonly cid?: string | undefined
  readonly recordCid: string
}

/** A schema record under its type name (without module) and version. */
export interface StoredSchema {
  readonly typeName: string
  readonly version: string
  /** The record's JSON text. */
  readonly text: string
}

/** What a publisher must know of a type before it writes another version of it. */
export interface SchemaState {
  /** The highest version that is semver. */
  readonly latest?: string | undefined
  /** The highest version whose definition has the digest asked for. */
  readonly sameAs?: string | undefined
}

/** What `doctor` shows. */
export interface Diagnosis {
  readonly backend: string
  /** Without password. */
  readonly url: string
  readonly version: string
  readonly counts: { readonly entries: number; readonly names: number; readonly labels: number; readonly schemas: number }
  readonly facts: Readonly<Record<string, string | number | boolean>>
  /** What a careful operator would change. */
  readonly warnings: readonly string[]
}

export interface ProviderSupports {
  /** Whether processes on other machines may share this index. */
  readonly otherMachines: boolean
}

/**
 * A backend of the index. It keeps names, entries, labels and schemas, and does each call in one step: what a call writes is visible
 * whole or not at all, and calls that write the same name serialise. It keeps atdata's own keys or tables up to date and sees what
 * atdata writes there. What it is given was checked by `LocalIndex`; what it returns from the backend is not.
 *
 * Any call may throw `index.unavailable`, `index.corrupt`, `credentials.refused` or `storage.full`.
 */
export interface IndexProvider extends AsyncDisposable {
  /** Without password. */
  readonly url: string
  readonly supports: ProviderSupports
  readonly ingests: IngestJournal
  readonly garbage: GarbageMarks
  readonly lenses: LensShelf

  /**
   * Write an entry and point its name to it. The first name of an entry stays its `name`; its metadata become those of this commit; what is
   * known of its shards stays if this commit knows nothing. A name that points there already gets no new revision. With `ingest`, its journal
   * must be open and held by that owner. Or it was committed with this very entry: then the call changes nothing, wherever the name points by now,
   * and returns the entry with the revision that the commit ended with. Marks of `objects` are taken back in the same step: also those of noted
   * shards, for a collector may have marked them anew, and a Redis that crashed may have forgotten what it was told a second ago.
   * @throws `write.conflict`; `ingest.lost`; `shard.not_found` if one of the objects is being deleted; `entry.not_found` if it was committed with
   * this very entry, which was deleted since
   */
  commit(commit: Commit, options?: CallOptions): Promise<FoundEntry>
  /** Point a name to an entry that exists. @throws `entry.not_found`; `write.conflict` */
  moveName(name: string, cid: string, options?: WriteOptions): Promise<NamePointer>
  findByName(name: string, at: Moment | undefined, options?: CallOptions): Promise<FoundEntry | undefined>
  findByCid(cid: string, options?: CallOptions): Promise<StoredEntry | undefined>
  /** In the order in which they came to be known. */
  listEntries(options?: PageOptions): Promise<Page<StoredEntry>>
  /** @throws `entry.not_found`; `entry.in_use` while a name or a label points to it */
  deleteEntry(cid: string, options?: CallOptions): Promise<void>

  /** Of names that exist, in UTF-8 byte order. */
  listNames(prefix: string, options?: PageOptions): Promise<Page<NamePointer>>
  /** In UTF-8 byte order. */
  namesOf(cid: string, options?: CallOptions): Promise<readonly string[]>
  /** From the oldest step. Each step is linked to the one before in the same moment in which it is taken. */
  listHistory(name: string, options?: PageOptions): Promise<Page<NameRevision>>
  findHead(name: string, options?: CallOptions): Promise<HistoryHead | undefined>
  /** Point `to` where `from` points, and end `from`. @throws `name.not_found`; `write.conflict`, also if `to` exists */
  rename(from: string, to: string, options?: WriteOptions): Promise<NamePointer>
  /** @throws `name.not_found`; `write.conflict` */
  deleteName(name: string, options?: WriteOptions): Promise<void>

  /** Mark an entry. The version is not empty. @throws `entry.not_found` */
  putLabel(label: Label, options?: CallOptions): Promise<void>
  /** Without version: the label set last. */
  findLabel(name: string, version: string | undefined, options?: CallOptions): Promise<Label | undefined>
  /** By name and version, in UTF-8 byte order. */
  listLabels(name: string | undefined, options?: PageOptions): Promise<Page<Label>>
  /** @throws `label.not_found` */
  deleteLabel(name: string, version: string, options?: CallOptions): Promise<void>

  /**
   * Write a version of a type. Never overwrites: `taken` if the version exists. With `ifLatest`, `stale` unless that is still the latest
   * version ('': none) and no version has this digest yet.
   */
  putSchema(
    schema: StoredSchema,
    digest: string,
    ifLatest: string | undefined,
    options?: CallOptions,
  ): Promise<'put' | 'taken' | 'stale'>
  schemaState(typeName: string, digest: string, options?: CallOptions): Promise<SchemaState>
  /** `name` is tried after `typeName`: an early era stored schemas under the dotted name. */
  findSchema(typeName: string, version: string, name: string, options?: CallOptions): Promise<string | undefined>
  /** By type name, then by version. */
  listSchemas(options?: PageOptions): Promise<Page<StoredSchema>>

  /** A random UUID that this registry has had since it was made: it tells its objects from those of other registries. */
  registryId(options?: CallOptions): Promise<string>

  /** Look once at everything that is stored and index what atdata wrote. @returns how many entries, labels and schemas were new */
  adopt(options?: CallOptions): Promise<number>
  diagnose(options?: CallOptions): Promise<Diagnosis>
}
