import { resolve } from 'node:path'
import { FATES } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import type { Storage } from '@shardex/storage'
import type { Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import type { Context } from '../context.ts'
import { findDataset, isPublished } from '../find-dataset.ts'
import { parseMoment } from '../find-entry.ts'
import { usageError } from '../usage-error.ts'
import { printTotals, printVerified } from '../verify/print-verified.ts'
import { repairAdvice } from '../verify/repair-advice.ts'
import { openReportFile, type ReportFile } from '../verify/report-file.ts'
import { isRepaired, type Totals, type Verified, type VerifiedShard } from '../verify/verified.ts'
import { verifyShards } from '../verify/verify-shards.ts'

/** A dataset when it is done, and at the end the sum of all, if there may be several. */
type Item = Verified | { readonly totals: Totals }

const DAMAGED = FATES['shard.corrupt'].exit

export const verify: Command<Item> = {
  summary: 'hold shards against the registry, and restore them from mirrors',
  description: `Looks at every shard and its offset index. Where the store keeps a checksum of its own, and it is the one that was noted at the insert,
that is enough to find every accident; else, and with --deep always, which finds forgeries too, every byte is read: the CRC-32 of each sample, and the SHA-256 of the whole. Names shard, offset and key
of every damaged sample, and exits with ${DAMAGED} if there is one.

--repair restores what is damaged or missing from the mirrors that the metadata of the entry lists ("mirrors": base URLs). The damaged bytes stay beside
the shard, in {shard}.quarantine-{12 digits of their SHA-256}. Without a mirror that has it right nothing is touched.`,
  positionals: ['[name|name@version|cid|at://…]'],
  options: {
    all: { type: 'boolean', help: 'every entry of the registry' },
    at: { type: 'string', value: 'REVISION|TIME', help: 'as the name stood then' },
    deep: { type: 'boolean', help: 'read every byte, whatever the store says' },
    parallel: { type: 'string', value: 'N', help: 'shards at a time (default 4)' },
    report: {
      type: 'string',
      value: 'FILE',
      help: 'append a line of JSON for each shard; shards that the file says are right are skipped, so the same command goes on where it was interrupted',
    },
    repair: { type: 'boolean', help: 'restore what is damaged or missing from a mirror' },
  },
  examples: [
    ['shardex verify photos', 'one dataset'],
    ['shardex verify @alice.example.com/photos', 'what somebody has published'],
    ['shardex verify --all --deep --report verified.jsonl', 'every byte of everything; interrupt it and go on later'],
    ['shardex verify photos --repair', 'and restore what is damaged'],
    ['shardex verify --all --json', 'everything, for a program'],
  ],
  async *run(args, context) {
    const [target] = args.positionals
    if ((target === undefined) !== args.flag('all')) {
      throw usageError('dataset', target === undefined ? 'neither a name nor --all' : 'a name and --all', 'one of them')
    }
    const options = { ...optionsOf(args), target: args.text('at') === undefined ? target : undefined }
    const found = target === undefined ? undefined : await findDataset(target, context, parseMoment(args.text('at')))
    if (found?.published !== undefined && options.repair)
      throw usageError('--repair', String(target), 'a dataset of your own: what others have published is only read')
    const { entry: one, storage = context.repo.store.storage } = found ?? {}
    const entries = one === undefined ? context.index.entries : [one]
    const path = args.text('report')
    await using report = path === undefined ? undefined : await openReportFile(resolve(context.cwd, path))
    let totals: Totals = { datasets: 0, checked: 0, skipped: 0, damaged: 0, repaired: 0 }
    for await (const entry of entries) {
      context.signal.throwIfAborted()
      const verified = await verifyDataset(entry, storage, options, report, context)
      totals = added(totals, verified)
      yield verified
    }
    if (target === undefined || report !== undefined) yield { totals }
  },
  human: (item, { columns }) => ('totals' in item ? printTotals(item.totals) : printVerified(item, columns)),
  json: (item) => ('totals' in item ? undefined : item),
  exit: (item) => ('totals' in item || item.ok ? 0 : DAMAGED),
}

type Options = ReturnType<typeof optionsOf> & {
  /** Stands for the entry, if there is one. */
  readonly target: string | undefined
}

function optionsOf(args: Arguments) {
  return {
    depth: args.flag('deep') ? ('bytes' as const) : ('store' as const),
    parallel: args.integer('parallel', 1),
    repair: args.flag('repair'),
  }
}

async function verifyDataset(
  entry: Entry,
  storage: Storage,
  options: Options,
  report: ReportFile | undefined,
  { signal, progress: openProgress }: Context,
): Promise<Verified> {
  const { name, cid } = entry
  using progress = openProgress({ label: name, unit: 'bytes', total: entry.sizeBytes })
  const isRight = await report?.rightShards(cid, options.depth)
  const shards: VerifiedShard[] = []
  let skipped = 0
  const verifying = verifyShards(entry, storage, {
    ...options,
    signal,
    skip(shard) {
      const isSkipped = isRight?.(shard) === true
      if (isSkipped) skipped += 1
      return isSkipped
    },
    onProgress: (doneBytes) => progress.update(doneBytes),
  })
  for await (const { shard, wantedSha256 } of verifying) {
    shards.push(shard)
    await report?.append(entry, { url: shard.url, wantedSha256 }, shard)
  }
  const ok = shards.every((shard) => shard.ok)
  const next = ok || options.repair || isPublished(options.target ?? '') ? undefined : repairAdvice(entry, options.target)
  return { name, cid, ok, shards, ...(skipped > 0 && { skipped }), ...(next !== undefined && { next }) }
}

function added(totals: Totals, { shards, skipped = 0 }: Verified): Totals {
  return {
    datasets: totals.datasets + 1,
    checked: totals.checked + shards.length,
    skipped: totals.skipped + skipped,
    damaged: totals.damaged + shards.filter(({ ok }) => !ok).length,
    repaired: totals.repaired + shards.filter(isRepaired).length,
  }
}
