import { FATES, type ShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import { type ShardReport, verifyEntry } from '@shardex/repo'
import type { Command } from '../command.ts'
import type { Context } from '../context.ts'
import { findEntry, parseMoment } from '../find-entry.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import { formatBytes, formatCount } from '../output/units.ts'
import type { Progress } from '../progress.ts'
import { splitFolder } from '../split-folder.ts'
import { usageError } from '../usage-error.ts'

interface Verified {
  readonly name: string
  readonly cid: string
  readonly ok: boolean
  readonly shards: readonly (Omit<ShardReport, 'problems'> & { readonly problems: readonly Problem[] })[]
}

type Problem = Pick<ShardexError, 'code' | 'message' | 'details'>

const SHOWN_PROBLEMS = 20
const DAMAGED = FATES['shard.corrupt'].exit

export const verify: Command<readonly Verified[]> = {
  summary: 'read every byte again and hold it against the registry',
  description: `Reads every shard again: the CRC-32 of each sample, and the SHA-256 of the whole. Names shard, offset and key of every damaged
sample, and exits with ${DAMAGED} if there is one.`,
  positionals: ['[name|name@version|cid]'],
  options: {
    all: { type: 'boolean', help: 'every entry of the registry' },
    at: { type: 'string', value: 'REVISION|TIME', help: 'as the name stood then' },
  },
  examples: [
    ['shardex verify photos', 'one dataset'],
    ['shardex verify --all --json', 'everything, for a program'],
  ],
  async run(args, context) {
    const [target] = args.positionals
    if ((target === undefined) !== args.flag('all')) {
      throw usageError('dataset', target === undefined ? 'neither a name nor --all' : 'a name and --all', 'one of them')
    }
    if (target !== undefined) return [await verified(await findEntry(target, context, parseMoment(args.text('at'))), context)]
    const all: Verified[] = []
    let cursor: string | undefined
    do {
      const page = await context.index.listEntries({ cursor, signal: context.signal })
      for (const entry of page.entries) all.push(await verified(entry, context))
      cursor = page.cursor
    } while (cursor !== undefined)
    return all
  },
  human(all, { columns }) {
    if (all.length === 0) return 'nothing to verify: the registry is empty'
    return all.map((one) => report(one, columns)).join('\n\n')
  },
  exit: (all) => (all.every(({ ok }) => ok) ? 0 : DAMAGED),
}

async function verified(entry: Entry, context: Context): Promise<Verified> {
  const { signal, repo } = context
  using progress = context.progress({ label: entry.name, unit: 'bytes', total: entry.sizeBytes })
  const shards: ShardReport[] = []
  for await (const shard of verifyEntry(entry, repo.store.storage, { signal })) {
    assertReachable(shard)
    shards.push(shard)
    advance(progress, shards)
  }
  return {
    name: entry.name,
    cid: entry.cid,
    ok: shards.every(({ ok }) => ok),
    shards: shards.map(({ problems, ...shard }) => ({
      ...shard,
      problems: problems.map(({ code, message, details }) => ({ code, message, details })),
    })),
  }
}

/** A store that is away, or that does not let us in, says nothing about its bytes. */
function assertReachable({ problems }: ShardReport): void {
  const outside = problems.find(({ code }) =>
    [FATES['storage.unavailable'].exit, FATES['storage.denied'].exit].includes(FATES[code].exit),
  )
  if (outside !== undefined) throw outside
}

function advance(progress: Progress, shards: readonly ShardReport[]): void {
  progress.update(shards.reduce((sum, { bytes }) => sum + bytes, 0))
}

function report({ name, cid, ok, shards }: Verified, columns: number | undefined): string {
  const problems = shards.flatMap((shard) => shard.problems)
  const samples = shards.reduce((sum, shard) => sum + shard.samples, 0)
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0)
  const unproved = shards.filter(({ proof }) => proof === 'unproved').length
  const { folder, names: urls } = splitFolder(shards.map(({ url }) => url))
  const table = formatTable(
    [
      { title: folder === '' ? 'SHARD' : `SHARD in ${folder}`, flexible: true },
      { title: 'SAMPLES', align: 'right' },
      { title: 'SIZE', align: 'right' },
      { title: 'RESULT' },
    ],
    shards.map((shard, place) => [urls[place] as string, formatCount(shard.samples), formatBytes(shard.bytes), resultOf(shard)]),
    columns,
  )
  const verdict = ok
    ? `ok: ${formatCount(samples)} samples, ${formatBytes(bytes)}${unproved === 0 ? '' : `; of ${unproved} shards no digest is known`}`
    : `DAMAGED: ${formatCount(problems.length)} ${problems.length === 1 ? 'problem' : 'problems'}`
  const more = problems.length - SHOWN_PROBLEMS
  return [
    printable(`${name}  ${cid}`),
    table,
    ...problems.slice(0, SHOWN_PROBLEMS).map(({ message }) => printable(message)),
    ...(more > 0 ? [`… and ${formatCount(more)} more: --json shows them`] : []),
    verdict,
  ].join('\n')
}

function resultOf({ ok, proof, problems }: Verified['shards'][number]): string {
  if (!ok) return problems.some(({ code }) => code === 'shard.not_found') ? 'MISSING' : 'DAMAGED'
  return proof === 'sha256' ? 'ok' : 'readable'
}
