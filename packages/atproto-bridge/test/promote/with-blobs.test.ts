import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Upload } from '../../src/promote/upload-blob.ts'
import { withBlobs } from '../../src/promote/with-blobs.ts'

const uploadsOf = (count: number): Upload[] =>
  Array.from({ length: count }, (_, i) => ({ from: `/${i}`, cid: `<${i}>`, type: 't', sha256: '', sizeBytes: i + 1 }))

/** Which of the blobs that it misses a PDS names first. */
const ORDERS = {
  forwards: (missing: readonly string[]) => missing[0],
  backwards: (missing: readonly string[]) => missing.at(-1),
  'as it likes': (missing: readonly string[], turn: number) => missing[(turn * 7) % missing.length],
}

/** Promotes to an account that has some blobs already. @returns what was sent, in order, and how often it was asked to commit */
async function promoteTo(
  there: ReadonlySet<number>,
  count: number,
  name: (missing: readonly string[], turn: number) => string | undefined,
) {
  const uploads = uploadsOf(count)
  const has = new Set([...there].map((i) => `<${i}>`))
  const sent: string[] = []
  const progress: number[] = []
  let commits = 0
  const sender = {
    uploads,
    send: async ({ cid, sizeBytes }: Upload, onBytes: (bytes: number) => void) => {
      onBytes(sizeBytes)
      sent.push(cid)
      has.add(cid)
    },
    onProgress: (doneBytes: number, totalBytes: number) => progress.push(doneBytes / totalBytes),
  }
  const { sentBytes } = await withBlobs(sender, async () => {
    const missing = uploads.map(({ cid }) => cid).filter((cid) => !has.has(cid))
    commits += 1
    if (missing.length === 0) return
    const message = `Could not find blob: ${name(missing, commits)}`
    throw Object.assign(new Error(message), { status: 400, error: 'BlobNotFound' })
  })
  return { sent, sentBytes, commits, progress }
}

const account = fc.integer({ min: 1, max: 30 }).chain((count) => fc.tuple(fc.constant(count), fc.uniqueArray(fc.nat(count - 1))))

test.each(Object.entries(ORDERS))(
  'in whatever state the account is, all that is missing is sent once, if it looks %s',
  async (_, order) => {
    await fc.assert(
      fc.asyncProperty(account, async ([count, there]) => {
        const { sent, sentBytes, progress } = await promoteTo(new Set(there), count, order)
        expect(new Set(sent).size).toBe(sent.length)
        for (let i = 0; i < count; i++) if (!there.includes(i)) expect(sent).toContain(`<${i}>`)
        expect(sentBytes).toBe(sent.reduce((sum, cid) => sum + Number(cid.slice(1, -1)) + 1, 0))
        if (sent.length > 0) expect(progress.at(-1)).toBe(1)
      }),
    )
  },
)

test.each(['forwards', 'backwards'] as const)(
  'what a run before has sent is not sent again, if it looks %s',
  async (direction) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), fc.nat(30), async (count, cut) => {
        const whole = await promoteTo(new Set(), count, ORDERS[direction])
        const before = whole.sent.slice(0, cut).map((cid) => Number(cid.slice(1, -1)))
        const { sent, commits } = await promoteTo(new Set(before), count, ORDERS[direction])
        expect(sent).toEqual(whole.sent.slice(cut))
        expect(commits).toBeLessThanOrEqual(3)
      }),
    )
  },
)

test('a PDS that misses what it has just taken, or what is not ours, is not asked for ever', async () => {
  await expect(promoteTo(new Set(), 3, () => '<0>')).rejects.toThrow('<0>')
  await expect(promoteTo(new Set(), 3, () => 'another')).resolves.toMatchObject({ commits: 2 })
  await expect(promoteTo(new Set([0, 1, 2]), 3, () => 'another')).resolves.toMatchObject({ commits: 1, sent: [] })
})
