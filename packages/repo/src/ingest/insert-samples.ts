import { isShardexError, ShardexError } from '@shardex/errors'
import { checkEntryOptions, type Entry, type EntryOptions, type IngestPlan, type LocalIndex, type Metadata } from '@shardex/index'
import { type SampleType, schemaDigest } from '@shardex/schema'
import type { ObjectStore } from '@shardex/storage'
import { sha256 } from '#platform'
import { ManifestPlacement, notingManifests } from '../manifest/manifest-placement.ts'
import { type ManifestOption, recorderFor, type SampleRecorder } from '../manifest/recorder.ts'
import { versionOf } from '../manifest/write-manifests.ts'
import { contentCid, describeContent } from '../proof/content.ts'
import { type DataStore, keyInSequence, typeOf, type Writable } from '../stores/data-store.ts'
import { ContentPlacement } from '../write/by-content.ts'
import { SequencePlacement } from '../write/in-sequence.ts'
import type { Placement } from '../write/placement.ts'
import { type ShardOptions, shardLimits, writeShardsTo } from '../write/write-shards.ts'
import { assertRevision, assertSchema } from './before-insert.ts'
import { entryOf, outcomeUnknown } from './ended-ingest.ts'
import { beginIngest, IngestSession } from './ingest-session.ts'
import { keyBaseOf, type Layout, planIngest } from './plan-ingest.ts'

export interface InsertOptions extends ShardOptions {
  /** Default: that of the dataset. */
  readonly metadata?: Metadata | undefined
  /** Default: the schema is published, which gives its version if the same definition has one. */
  readonly schemaRef?: string | undefined
  /** Move the name only if it stands at this revision; 0 means that it must be new. */
  readonly ifRevision?: number | undefined
  /** Mark the entry with a version, so that `name@version` finds it. */
  readonly version?: string | undefined
  /**
   * `sequence`: shards of a new dataset, numbered, streamed into the store. `content`: shards under their SHA-256, which all datasets of the
   * registry share, so that what is there already is not sent again; samples without `__key__` get keys of their content, and shards end where
   * keys say, on average when they are a quarter full. Default `sequence`.
   */
  readonly layout?: Layout | undefined
  /** Write a manifest beside each shard, by which `dataset.query` finds samples. Default false; `repo.writeManifests` can write them later. */
  readonly manifest?: ManifestOption | undefined
  /** With the layout `sequence`: write each shard to a temporary file first, then copy it to the store. Default: stream straight into the store. */
  readonly cacheLocal?: boolean | undefined
  /**
   * Makes the insert one that can be continued: when it fails or its process dies, what is stored stays, and the same call with the same samples
   * goes on after the last finished shard. Once it is committed, the same call gives the same entry and reads no samples: an id stands for one
   * set of samples, so use another one for others. At most 255 bytes.
   */
  readonly ingestId?: string | undefined
  /** How long, after the last sign of life of a writer that died, others have to wait. Default 10,000 ms. */
  readonly leaseMs?: number | undefined
}

/** Where to insert. */
export interface InsertPlace {
  readonly index: LocalIndex
  readonly store: DataStore
  /** Before the keys of all datasets. */
  readonly prefix: string
}

const DEFAULT_LEASE_MS = 10_000
/** What is left of an earlier try is left, whatever the clock of the store says. */
const ANY_AGE_MS = -86_400_000

/** Write samples as shards and commit them under a name; see `Repo.insert`. */
export async function insertSamples(
  { index, store, prefix }: InsertPlace,
  dataset: Writable,
  name: string,
  options: InsertOptions,
): Promise<Entry> {
  const { metadata = dataset.metadata, schemaRef, ifRevision, version, ingestId, layout = 'sequence', signal } = options
  const type = typeOf(dataset)
  const asked: EntryOptions = { name, metadata, ifRevision, label: version === undefined ? undefined : { version } }
  checkEntryOptions(asked)
  if (schemaRef !== undefined) await assertSchema(index, schemaRef, type, signal)
  const objects = await store.objects()
  const registryId = await index.registryId({ signal })
  const content = { type, limits: shardLimits(options), metadata, schemaRef, version }
  const plan = planIngest({ ingestId, name, prefix, layout, registryId, ...content }, objects)
  // Of an insert that is continued it is asked later: it may be the one that moved the name.
  if (!plan.resumable) await assertRevision(index, asked, signal)
  const begun = await beginIngest(index, plan, { leaseMs: options.leaseMs ?? DEFAULT_LEASE_MS, signal })
  if (!(begun instanceof IngestSession)) return entryOf(index, begun)
  await using session = begun

  const recorder = recorderFor(type, options.manifest)
  const placement = placementOf(session, objects, options, recorder, type)
  const stop = signal === undefined ? session.lost : AbortSignal.any([signal, session.lost])
  try {
    if (plan.resumable) await assertRevision(index, asked, signal)
    if (isContinued(session, plan)) await objects.sweep(keyBaseOf(session.ingest, objects), { olderThanMs: ANY_AGE_MS, signal })
    const byContent = layout === 'content'
    const shards = await writeShardsTo(placement, type, recorder?.watch(dataset.samples) ?? dataset.samples, {
      ...options,
      byContent,
      signal: stop,
    })
    const ref = schemaRef ?? (await index.publishSchema(type))
    stop.throwIfAborted()
    return await session.commit({
      ...asked,
      signal,
      schemaRef: ref,
      dataUrls: shards.map(({ url }) => url),
      shards,
      contentCid: contentCid(describeContent(schemaDigest(type), shards, sha256), sha256),
    })
  } catch (error) {
    return await settle(error, session, placement, index)
  }
}

/** The journal decides what became of an insert that failed somewhere. */
async function settle(error: unknown, session: IngestSession, placement: Placement, index: LocalIndex): Promise<Entry> {
  const { id, resumable } = session.ingest
  const lost = await lossBehind(error, session)
  if (!resumable) {
    const isAbandoned = await session.abandon()
    if (isAbandoned || !session.hasCommitted) {
      await placement.undo() // what cannot be deleted now is found through the journal
      throw lost ?? error
    }
  }
  if (!session.hasCommitted) throw lost ?? error
  // An answer that was lost, or not waited for, may have been yes.
  const ingest = await index.ingests.find(id).catch(() => undefined)
  if (ingest?.state === 'committed') return entryOf(index, ingest)
  throw lost ?? (isShardexError(error, 'index.unavailable') ? outcomeUnknown(error, session.ingest) : error)
}

/** Who takes over also sweeps and stores in our place, so that another error may come first. */
async function lossBehind(error: unknown, session: IngestSession): Promise<ShardexError | undefined> {
  if (isShardexError(error, 'ingest.lost')) return undefined
  const lost = await session.refusal()
  return lost && new ShardexError('ingest.lost', lost.details, { message: lost.message, cause: error })
}

function placementOf(
  session: IngestSession,
  store: ObjectStore,
  { cacheLocal, schemaRef }: InsertOptions,
  recorder: SampleRecorder | undefined,
  type: SampleType,
): Placement {
  const { layout, resumable } = session.ingest
  const base = keyBaseOf(session.ingest, store)
  const noting = recorder === undefined ? session : notingManifests(session)
  const journal = resumable ? noting : undefined
  const placement =
    layout === 'content'
      ? new ContentPlacement({ store, base, journal: noting })
      : new SequencePlacement({ store, keyOf: (shard) => keyInSequence(base, shard), cacheLocal, journal })
  if (recorder === undefined) return placement
  const facts = { schemaType: type.typeName, schemaVersion: versionOf(schemaRef) }
  return new ManifestPlacement(placement, { store, recorder, ...facts, shared: layout === 'content', resumable })
}

/** Under its own base nobody else writes, so what an earlier try has left half can go. */
function isContinued({ ingest }: IngestSession, { base, layout }: IngestPlan): boolean {
  return layout === 'sequence' && ingest.base !== base
}
