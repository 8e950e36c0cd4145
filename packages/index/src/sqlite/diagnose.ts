import type { Diagnosis } from '../provider.ts'
import type { Database } from './database.ts'
import { numberOf } from './rows.ts'

const SYNCHRONOUS = ['off', 'normal', 'full', 'extra']

export function diagnoseSqlite(database: Database, path: string): Diagnosis {
  const counts = database.get('counts') ?? {}
  const journalMode = String(database.pragma('journal_mode'))
  const check = String(database.pragma('quick_check(1)'))
  return {
    backend: 'sqlite',
    url: path,
    version: process.versions['sqlite'] ?? 'unknown',
    counts: {
      entries: numberOf(counts, 'entries'),
      names: numberOf(counts, 'names'),
      labels: numberOf(counts, 'labels'),
      schemas: numberOf(counts, 'schemas'),
    },
    facts: {
      'journal mode': journalMode,
      synchronous: SYNCHRONOUS[Number(database.pragma('synchronous'))] ?? 'unknown',
      'size (bytes)': Number(database.pragma('page_count')) * Number(database.pragma('page_size')),
      'quick check': check,
      'journals of inserts': numberOf(counts, 'ingests'),
      'marked as garbage': numberOf(counts, 'marks'),
    },
    warnings: [
      ...(journalMode === 'wal'
        ? []
        : [`journal mode is ${journalMode}, so that readers wait for writers; is the file on a network file system?`]),
      ...(check === 'ok' ? [] : [`the file is damaged: ${check}`]),
    ],
  }
}
