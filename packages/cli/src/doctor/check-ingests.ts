import type { Ingest } from '@shardex/index'
import type { Context } from '../context.ts'
import { formatCount } from '../output/units.ts'
import { counted } from '../print-facts.ts'
import type { Check } from './check.ts'

/** So many are told; the rest is counted. */
const SHOWN = 10
/** So many journals are looked at: those of inserts that have ended stay for a week. */
const MAX_JOURNALS = 100_000
/** When `shardex gc` gives an interrupted insert up, unless it is told otherwise. */
const RESUMABLE_MS = 7 * 86_400_000

/** Inserts that nobody is working on and somebody may go on with; nothing if there are none. @param nowMs tells dead writers from living ones */
export async function checkIngests({ index, signal }: Context, nowMs: number): Promise<Check[]> {
  const shown: Ingest[] = []
  let [looked, interrupted] = [0, 0]
  for await (const ingest of index.ingests.list({ signal })) {
    if (++looked > MAX_JOURNALS) break
    if (ingest.state !== 'open' || !ingest.resumable || ingest.untilMs > nowMs) continue
    interrupted += 1
    if (shown.length < SHOWN) shown.push(ingest)
  }
  if (interrupted === 0) return []
  const count = `${looked > MAX_JOURNALS ? 'at least ' : ''}${counted(formatCount(interrupted), 'interrupted insert')}`
  const more = interrupted > shown.length ? `; and ${formatCount(interrupted - shown.length)} more` : ''
  const next = 'the same command with --resume goes on; after that day `shardex gc` gives it up'
  return [{ name: 'inserts', status: 'ok', found: `${count}: ${shown.map(told).join('; ')}${more}`, next }]
}

function told({ name, shardCount, untilMs }: Ingest): string {
  const day = new Date(untilMs + RESUMABLE_MS).toISOString().slice(0, 10)
  return `${name}, ${counted(formatCount(shardCount), 'shard')}, until ${day}`
}
