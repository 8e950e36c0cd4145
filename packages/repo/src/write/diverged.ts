import { ShardexError } from '@shardex/errors'
import type { ShardJournal } from './placement.ts'

/** A shard of an interrupted insert is stored, and the samples that are given now make another one. */
export function diverged(journal: ShardJournal | undefined, shard: string, stored: string, packed: string): ShardexError {
  const facts = { ingestId: journal?.ingestId ?? '', shard, found: `SHA-256 ${packed}`, wanted: `SHA-256 ${stored}` }
  const message = `the samples are not those with which this insert began: ${shard} is stored with SHA-256 ${stored}, and they give ${packed}. Nothing was overwritten. Continue with the samples it began with, or start anew: with another ingestId, or without --resume.`
  return new ShardexError('ingest.diverged', facts, { message })
}
