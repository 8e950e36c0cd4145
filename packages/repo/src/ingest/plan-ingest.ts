import { hash, randomUUID } from 'node:crypto'
import { ShardexError } from '@shardex/errors'
import type { IngestPlan, Metadata } from '@shardex/index'
import { encodeMsgpack, type SampleType, schemaDigest } from '@shardex/schema'
import type { ObjectStore } from '@shardex/storage'
import { keyBaseUnder } from '../stores/data-store.ts'
import type { ShardLimits } from '../write/boundary.ts'
import { ownUuid } from './own-uuid.ts'

/** How shards are laid out; see {@link InsertOptions}. */
export type Layout = IngestPlan['layout']

export interface Intention {
  readonly ingestId: string | undefined
  readonly name: string
  /** Before the keys of all datasets of the repo. */
  readonly prefix: string
  readonly layout: Layout
  readonly type: SampleType
  readonly limits: ShardLimits
  readonly registryId: string
  readonly metadata: Metadata | undefined
  readonly schemaRef: string | undefined
  readonly version: string | undefined
}

/** Changed when the same samples come to give other shards. */
const FORMAT = 1

/** What the journal of an insert is told. */
export function planIngest(intention: Intention, store: ObjectStore): IngestPlan {
  const { ingestId, name, prefix, layout, type, limits, registryId, metadata, schemaRef, version } = intention
  const keyBase =
    layout === 'content' ? contentKeyBase(prefix, registryId) : keyBaseUnder(join(prefix, name), ownUuid(registryId))
  const said = { metadata: metadata && hash('sha256', encodeMsgpack(metadata)), schemaRef, version }
  const settings = { format: FORMAT, schema: schemaDigest(type), store: store.rootUrl + prefix, ...limits, ...said }
  return {
    id: ingestId ?? randomUUID(),
    name,
    base: store.rootUrl + keyBase,
    layout,
    settings: JSON.stringify(settings),
    resumable: ingestId !== undefined,
  }
}

/** The keys of a store that start where an ingest began to write. @throws `ingest.conflict` if it began in another store */
export function keyBaseOf({ id, base }: IngestPlan, { rootUrl }: ObjectStore): string {
  if (base.startsWith(rootUrl)) return base.slice(rootUrl.length)
  const facts = { ingestId: id, found: base, wanted: `a place below ${rootUrl}` }
  const message = `the insert ${JSON.stringify(id)} began at ${base}, which is not in ${rootUrl}. Continue it with the store with which it began, or use another ingestId.`
  throw new ShardexError('ingest.conflict', facts, { message })
}

/** One folder for all shards of a registry. Its id keeps them apart from those of other registries, which collect their own garbage. */
function contentKeyBase(prefix: string, registryId: string): string {
  return `${join(prefix, `content/${registryId}`)}/`
}

function join(prefix: string, path: string): string {
  return prefix === '' ? path : `${prefix}/${path}`
}
