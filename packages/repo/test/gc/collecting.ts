import type { GarbageMark } from '@shardex/index'
import { collectGarbage, type GarbageOptions, type GarbageReport } from '../../src/index.ts'
import type { Setting } from '../settings.ts'

/** Acts at once, unless told otherwise. */
export function gc({ index, store }: Setting, options: Partial<GarbageOptions> = {}): Promise<GarbageReport> {
  return collectGarbage({ index, storage: store.storage, graceMs: 0, resumableMs: 0, journalMs: 0, uploadMs: 0, ...options })
}

export async function marks({ index }: Setting): Promise<GarbageMark[]> {
  const all = []
  for await (const mark of index.garbage.list(0)) all.push(mark)
  return all
}

export async function ingests({ index }: Setting): Promise<string[]> {
  const all = []
  for await (const { state, name } of index.ingests.list()) all.push(`${name} ${state}`)
  return all
}
