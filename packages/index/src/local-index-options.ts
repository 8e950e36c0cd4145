import type { SampleType } from '@shardex/schema'
import type { EntryOptions } from './commit-entry.ts'
import type { Metadata } from './entry.ts'
import type { CallOptions, Moment } from './provider.ts'

/** What can be registered: URLs, and what is known of the samples behind them. */
export interface DatasetLike {
  /** Stored as they are given: a brace pattern stays a pattern. */
  readonly dataUrls: readonly string[]
  readonly type?: SampleType | undefined
  readonly metadata?: Metadata | undefined
}

export interface AddEntryOptions extends EntryOptions {
  /** Left out: the type of the dataset is published. */
  readonly schemaRef?: string | undefined
}

export interface LookupOptions extends CallOptions {
  /** A revision, or a time: then the last step that is not later. */
  readonly at?: Moment | Date | undefined
}

export interface LabelOptions extends CallOptions {
  /** Left out: the unversioned label, which is where the name points. */
  readonly version?: string | undefined
  readonly description?: string | undefined
}

/** @throws {TypeError} for what is no number */
export function toMoment(at: Moment | Date | undefined): Moment | undefined {
  if (at === undefined) return undefined
  const moment = at instanceof Date ? { timeMs: at.getTime() } : at
  const number = 'revision' in moment ? moment.revision : moment.timeMs
  if (!Number.isSafeInteger(Math.floor(number)))
    throw new TypeError(`at: ${number} is neither a revision nor a time in milliseconds`)
  return 'revision' in moment ? moment : { timeMs: Math.floor(moment.timeMs) }
}
