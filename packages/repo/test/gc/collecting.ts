import type { GarbageMark } from '@shardex/index'
import { collectGarbage, type GarbageOptions, type GarbageReport } from '../../src/index.ts'
import { collect } from '../outcomes.ts'
import type { Setting } from '../settings.ts'

/** Acts at once, unless told otherwise. */
export function gc({ index, store }: Setting, options: Partial<GarbageOptions> = {}): Promise<GarbageReport> {
  return collectGarbage({ index, storage: store.storage, graceMs: 0, resumableMs: 0, journalMs: 0, uploadMs: 0, ...options })
}

export function marks({ index }: Setting): Promise<GarbageMark[]> {
  return collect(index.garbage.list(0))
}

export async function ingests({ index }: Setting): Promise<string[]> {
  return (await collect(index.ingests.list())).map(({ state, name }) => `${name} ${state}`)
}
