import type { Repair } from '@shardex/repo'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import { formatBytes, formatCount } from '../output/units.ts'
import { counted } from '../print-facts.ts'
import { splitFolder } from '../split-folder.ts'
import { isRepaired, type Totals, type Verified, type VerifiedShard } from './verified.ts'

const SHOWN_PROBLEMS = 20

export function printVerified({ name, cid, ok, shards, skipped = 0, next }: Verified, columns: number | undefined): string {
  const problems = shards.flatMap((shard) => shard.problems)
  const problemCount = shards.reduce((sum, { unlisted = 0 }) => sum + unlisted, problems.length)
  const more = problemCount - SHOWN_PROBLEMS
  return [
    printable(`${name}  ${cid}`),
    ...(shards.length > 0 ? [tableOf(shards, columns)] : []),
    ...problems.slice(0, SHOWN_PROBLEMS).map(({ message }) => printable(message)),
    ...(more > 0 ? [`… and ${formatCount(more)} more: --json and --report show them`] : []),
    ...shards.flatMap(repairLines).map(printable),
    ...(skipped > 0 ? [`${counted(formatCount(skipped), 'shard')} skipped: the report says that they are right`] : []),
    ok
      ? verdictOf(shards)
      : `DAMAGED: ${counted(formatCount(problemCount), 'problem')}${next === undefined ? '' : `; ${printable(next)}`}`,
  ].join('\n')
}

export function printTotals({ datasets, checked, skipped, damaged, repaired }: Totals): string {
  if (datasets === 0) return 'nothing to verify: the registry is empty'
  const parts = [
    `${counted(formatCount(checked), 'shard')} checked`,
    `${formatCount(skipped)} skipped`,
    ...(repaired > 0 ? [`${formatCount(repaired)} repaired`] : []),
    `${formatCount(damaged)} damaged`,
  ]
  return `${counted(formatCount(datasets), 'dataset')}: ${parts.join(', ')}`
}

function tableOf(shards: readonly VerifiedShard[], columns: number | undefined): string {
  const { folder, names } = splitFolder(shards.map(({ url }) => url))
  return formatTable(
    [
      { title: folder === '' ? 'SHARD' : `SHARD in ${folder}`, flexible: true },
      { title: 'SAMPLES', align: 'right' },
      { title: 'SIZE', align: 'right' },
      { title: 'RESULT' },
    ],
    shards.map((shard, place) => [names[place] as string, formatCount(shard.samples), formatBytes(shard.bytes), resultOf(shard)]),
    columns,
  )
}

function resultOf(shard: VerifiedShard): string {
  const { ok, proof, problems } = shard
  if (!ok) return problems.some(({ code }) => code === 'shard.not_found') ? 'MISSING' : 'DAMAGED'
  if (isRepaired(shard)) return 'repaired'
  return { store: 'ok (store)', sha256: 'ok', unproved: 'readable' }[proof]
}

function verdictOf(shards: readonly VerifiedShard[]): string {
  const samples = shards.reduce((sum, shard) => sum + shard.samples, 0)
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0)
  const count = (proof: VerifiedShard['proof']): number => shards.filter((shard) => shard.proof === proof).length
  const [unproved, vouched] = [count('unproved'), count('store')]
  return [
    `ok: ${formatCount(samples)} samples, ${formatBytes(bytes)}`,
    ...(unproved > 0 ? [`of ${counted(formatCount(unproved), 'shard')} no digest is known`] : []),
    ...(vouched > 0 ? [`${counted(formatCount(vouched), 'shard')} by the checksum of the store: --deep reads every byte`] : []),
    ...(vouched === 0 && shards.length > 0 ? ['every byte read'] : []),
  ].join('; ')
}

function repairLines({ url, repairs = [], repairProblem }: VerifiedShard): string[] {
  return [
    ...repairs.map(repairLine),
    ...(repairProblem === undefined ? [] : [`${url} could not be repaired: ${repairProblem.message}`]),
  ]
}

function repairLine({ url, from, quarantine, refusals }: Repair): string {
  if (from === undefined) {
    const said = refusals.length === 0 ? 'the entry lists no mirror' : refusals.map(({ found }) => found).join(' | ')
    return `${url} was left as it is, since no mirror has it right: ${said}`
  }
  return `${url} was restored from ${from}${quarantine === undefined ? '' : `; the damaged bytes are in ${quarantine}`}`
}
