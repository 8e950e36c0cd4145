import { collectGarbage, type GarbageReport, type Repo } from '@shardex/repo'
import { expect } from 'vitest'
import { LEASE_MS } from './kill-point.ts'

const MAX_RUNS = 6

/** Collect garbage until there is nothing left to do: nobody is at work, and nobody will come back. */
export async function collectAll(repo: Repo): Promise<void> {
  await new Promise((resume) => setTimeout(resume, LEASE_MS + 20))
  for (let runs = 1; ; runs++) {
    const { marked, deleted, waiting, swept, givenUp } = await collectOnce(repo)
    const isDone = marked.objects + deleted.objects + waiting.objects + swept + givenUp === 0
    if (isDone && runs > 1) return
    expect(runs, 'collecting garbage never ends').toBeLessThan(MAX_RUNS)
  }
}

/** One run without any grace. */
export async function collectOnce({ index, store }: Repo): Promise<GarbageReport> {
  const report = await collectGarbage({ index, storage: store.storage, graceMs: 0, resumableMs: 0, uploadMs: 0 })
  expect(report.problems).toEqual([])
  return report
}
