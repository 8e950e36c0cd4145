import { ShardexError } from '@shardex/errors'
import type { Entry, LocalIndex } from '@shardex/index'
import { openStorage, type Storage } from '@shardex/storage'
import { type Prepared, prepare } from '../prepare/prepare.ts'
import type { PrepareOptions } from '../prepare/prepare-options.ts'
import type { DatasetLabelRecord } from '../records.ts'
import { checkShards } from './check-shards.ts'
import { commitRecords, type Fate } from './commit-records.ts'
import { copyShards } from './copy-shards.ts'
import type { Publisher } from './publisher.ts'
import { readState, type Stored } from './repo-state.ts'
import { uploadBlob, uploadsOf } from './upload-blob.ts'
import { type BlobSender, withBlobs } from './with-blobs.ts'
import { xrpcFailure } from './xrpc-failure.ts'

export interface PromoteOptions extends Omit<PrepareOptions, 'repo'> {
  /** Opens the shards where they are. Default: that of `dataStore`, else whatever the environment opens. */
  readonly source?: Storage | undefined
  /** Take the version away from the dataset that has it. Default false: it is refused. */
  readonly moveVersion?: boolean | undefined
  readonly onProgress?: ((progress: PromoteProgress) => void) | undefined
}

export interface PromoteProgress {
  readonly step: 'copy' | 'upload'
  /** Bytes that are where they go, whether they were before or not. */
  readonly doneBytes: number
  readonly totalBytes: number
}

/** What an account has after {@link promote}, and what became of each record by it. */
export interface Promoted {
  /** Of the entry: `at://did/science.alt.dataset.entry/key`. It stands for this data for ever. */
  readonly uri: string
  readonly schemaUri: string
  readonly labelUri: string
  readonly schema: Fate
  readonly entry: Fate
  readonly label: Fate
  /** Bytes of blobs that were sent. */
  readonly sentBytes: number
}

/**
 * Publishes an entry: its schema, the entry and a label that names it, in one commit of the account, after the shards are where they shall be. Doing it again changes
 * nothing; doing it again after a failure or a crash goes on where it stopped. Data that changed is another entry, to which the label moves; the old one stays.
 *
 * ```ts
 * const { uri } = await promote(entry, index, agent, { description: 'Images of emoji', license: 'CC-BY-4.0', storage: 'blobs' })
 * ```
 * @param agent with a session: of `@atproto/api`
 * @throws {ShardexError} `promotion.refused`, with all that is wrong; `label.exists` for a version that marks another dataset; `record.conflict` if somebody else
 * changes the same records at the same time; `shard.not_found`, `storage.corrupt` for a shard that is not what it was; `credentials.refused`, `atmosphere.refused`,
 * `atmosphere.unavailable`; those of {@link prepare}
 */
export async function promote(
  entry: Entry,
  index: Pick<LocalIndex, 'getSchema'>,
  agent: Publisher,
  options: PromoteOptions = {},
): Promise<Promoted> {
  const { signal, dataStore, onProgress } = options
  const prepared = await prepare(entry, index, { ...options, repo: didOf(agent) })
  if (prepared.problems.length > 0) throw refused(prepared)
  await using opened = new AsyncDisposableStack()
  const source = options.source ?? dataStore?.storage ?? opened.use(openStorage())
  const drafts = [prepared.schema, prepared.entry, prepared.label]
  const uploads = 'blobs' in prepared.entry.record.storage ? uploadsOf(prepared.shards) : []
  try {
    const before = await readState(agent, drafts, signal)
    if (options.moveVersion !== true) assertVersionFree(prepared.label.record, before.records[2])
    if (dataStore !== undefined) {
      const totalBytes = prepared.shards.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0)
      const onCopied = (doneBytes: number): void => onProgress?.({ step: 'copy', doneBytes, totalBytes })
      await copyShards(prepared.shards, source, dataStore, { signal, onProgress: onCopied })
    } else if (uploads.length === 0) await checkShards(prepared.shards, source, signal)
    const commit = () => commitRecords(agent, drafts, before, signal)
    const sender: BlobSender = {
      uploads,
      send: (upload, onBytes) => uploadBlob(agent, upload, source, { signal, onBytes }),
      onProgress: (doneBytes, totalBytes) => onProgress?.({ step: 'upload', doneBytes, totalBytes }),
    }
    const { result, sentBytes } = await withBlobs(sender, commit)
    const [schema = 'unchanged', fate = 'unchanged', label = 'unchanged'] = result
    const uris = { uri: prepared.entry.uri, schemaUri: prepared.schema.uri, labelUri: prepared.label.uri }
    return { ...uris, schema, entry: fate, label, sentBytes }
  } catch (error) {
    throw xrpcFailure(error, agent, 'take the records', signal)
  }
}

/** Who cites `name@version` means the same samples for ever. */
function assertVersionFree({ name, version, datasetUri }: DatasetLabelRecord, there: Stored | undefined): void {
  const marked = there?.value['datasetUri']
  if (version === undefined || there === undefined || marked === datasetUri) return
  const message = `${name}@${version} is taken: it marks ${marked}. Choose another version; moveVersion (--move-version) takes this one away from what it marks`
  throw new ShardexError('label.exists', { name, version, cid: String(marked) }, { message })
}

function didOf(agent: Publisher): string {
  if (agent.did !== undefined) return agent.did
  throw new TypeError('an agent without a session cannot publish: log in first')
}

function refused({ entry, problems }: Prepared): ShardexError {
  const { name } = entry.record
  const lines = problems
    .slice(0, 10)
    .map(({ path, found, wanted, advice }) => `  ${path}: found ${found}, wanted ${wanted}; ${advice}`)
  const more = problems.length > 10 ? [`  and ${problems.length - 10} more`] : []
  return new ShardexError(
    'promotion.refused',
    { name, problems },
    { message: [`${name} cannot be published as it is:`, ...lines, ...more].join('\n') },
  )
}
