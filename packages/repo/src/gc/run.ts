import type { LocalIndex } from '@shardex/index'
import type { Storage } from '@shardex/storage'
import type { Tally } from './report.ts'
import type { Survey } from './survey.ts'

export interface GarbageProgress {
  /** In this order. `listing` and `tracing` are reading: what is there, and what is needed. */
  readonly phase: 'listing' | 'tracing' | 'deleting' | 'marking'
  /** Objects listed, entries read, objects deleted, objects marked. */
  readonly done: number
}

/** What the steps of one run share. */
export interface Run {
  readonly index: LocalIndex
  readonly storage: Storage
  readonly graceMs: number
  readonly resumableMs: number
  readonly journalMs: number
  readonly uploadMs: number
  readonly dryRun: boolean
  readonly signal: AbortSignal | undefined
  readonly survey: Survey
  readonly tally: Tally
  readonly beganAtMs: number
  /** When the oldest insert began that may still be at work, by the registry's clock. */
  oldestOpenMs: number
  readonly progress: (phase: GarbageProgress['phase'], done: number) => void
}
