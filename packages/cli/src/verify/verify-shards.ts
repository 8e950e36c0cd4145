import { FATES, isShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import { type Repair, repairShard, type ShardReport, type VerifyOptions, verifyEntry } from '@shardex/repo'
import type { Storage } from '@shardex/storage'
import { type Problem, problemOf, type VerifiedShard } from './verified.ts'

export interface VerifyShardsOptions extends VerifyOptions {
  readonly repair: boolean
}

/** The shards of an entry in order, each with what it should have been; with `repair` those that are damaged as they are after it. */
export async function* verifyShards(
  entry: Entry,
  storage: Storage,
  { repair, ...options }: VerifyShardsOptions,
): AsyncGenerator<{ shard: VerifiedShard; wantedSha256: string | undefined }> {
  for await (const report of verifyEntry(entry, storage, options)) {
    const { wantedSha256 } = report
    yield { shard: report.ok || !repair ? plain(report) : await repaired(entry, report, storage, options.signal), wantedSha256 }
  }
}

async function repaired(
  entry: Entry,
  report: ShardReport,
  storage: Storage,
  signal: AbortSignal | undefined,
): Promise<VerifiedShard> {
  let repairs: readonly Repair[] = []
  let repairProblem: Problem | undefined
  try {
    repairs = await repairShard(entry, report.url, storage, { signal })
  } catch (error) {
    signal?.throwIfAborted()
    if (!isShardexError(error) || FATES[error.code].exit === FATES['storage.unavailable'].exit) throw error
    repairProblem = problemOf(error)
  }
  const after = repairs.some(({ from }) => from !== undefined) ? await again(entry, report.url, storage, signal) : report
  return { ...plain(after), repairs, ...(repairProblem !== undefined && { repairProblem }) }
}

/** Every byte of one shard. */
async function again(entry: Entry, url: string, storage: Storage, signal: AbortSignal | undefined): Promise<ShardReport> {
  const only: Entry = { ...entry, dataUrls: [url], shards: entry.shards?.filter((shard) => shard.url === url) }
  for await (const report of verifyEntry(only, storage, { depth: 'bytes', signal })) return report
  throw new TypeError(`${url} is no shard of ${entry.cid}`)
}

function plain({ wantedSha256: _, problems, ...report }: ShardReport): VerifiedShard {
  return { ...report, problems: problems.map(problemOf) }
}
