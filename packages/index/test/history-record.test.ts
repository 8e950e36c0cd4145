import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { decode } from '@ipld/dag-cbor'
import { dagCborCid, type NameRevision } from '@shardex/index'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { describeRedis } from '../../../test/services/describe.ts'
import { recordCid, type StoredStep, toRevision } from '../src/history-record.ts'
import { readVectors } from './vectors.ts'

/** Made by `vectors/make-history.py`, which shares no code with us. */
const { records } = readVectors<{ records: { step: StoredStep; block: string; recordCid: string }[] }>('history')

describe('the record of a step', () => {
  test.each(records)(
    'has the CID that docs/formats/history.md gives it: $step.revision',
    ({ step, block, recordCid: wanted }) => {
      expect(dagCborCid(decode(Buffer.from(block, 'hex')))).toBe(wanted)
      expect(recordCid(step)).toBe(wanted)
      expect(toRevision(step)).toEqual({ ...step, recordCid: wanted })
    },
  )

  test('has another CID when any of its fields is another, or not there', () => {
    const { step } = records[2]!
    const others: StoredStep[] = [
      { ...step, name: 'other' },
      { ...step, revision: 4 },
      { ...step, operation: 'rename' },
      { ...step, atMs: step.atMs + 1 },
      { ...step, cid: undefined },
      { ...step, cid: 'other' },
      { ...step, contentCid: undefined },
      { ...step, contentCid: dagCborCid('other') },
      { ...step, previousCid: undefined },
      { ...step, previousCid: dagCborCid('other') },
      { ...step, renamedFrom: 'x' },
      { ...step, renamedTo: 'x' },
    ]
    expect(new Set([step, ...others].map(recordCid)).size).toBe(others.length + 1)
  })

  test.each([
    { revision: 0 },
    { revision: 1.5 },
    { atMs: -1 },
    { atMs: Number.POSITIVE_INFINITY },
    { contentCid: 'bafyX' },
    { previousCid: dagCborCid(1).toUpperCase() },
  ])('does not exist for %j', (fault) => {
    expect(() => toRevision({ ...records[2]!.step, ...fault })).toThrow(expect.objectContaining({ code: 'index.corrupt' }))
  })
})

describeRedis('in Lua', (url) => {
  const lua = (file: string): string => readFileSync(new URL(`../lua/${file}.lua`, import.meta.url), 'utf8')
  const digest = `${lua('sha256')}\nreturn sha256(ARGV[1])`
  const record = `${lua('sha256')}\n${lua('record')}\nreturn record_cid(ARGV[1], tonumber(ARGV[2]), cjson.decode(ARGV[3]))`

  test('SHA-256 is that of everybody else, for messages of every length', async () => {
    const redis = new Redis(url)
    for (let length = 0; length <= 260; length++) {
      const message = createHash('shake256', { outputLength: Math.max(length, 1) })
        .update(String(length))
        .digest()
        .subarray(0, length)
      const found = (await redis.callBuffer('EVAL', digest, 0, message)) as Buffer
      expect(found).toEqual(createHash('sha256').update(message).digest())
    }
    redis.disconnect()
  })

  test('the CID of a record is the one that JavaScript computes', async () => {
    const redis = new Redis(url)
    const text = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((value) => value.isWellFormed())
    const count = fc.oneof(
      fc.nat(300),
      fc.nat(70_000),
      fc.maxSafeNat().filter((value) => value < 1e14),
    )
    const link = fc.uint8Array({ maxLength: 4 }).map((bytes) => dagCborCid(bytes))
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
    const step: fc.Arbitrary<StoredStep> = fc.record({
      name: text,
      revision: count.map((value) => value + 1),
      operation: fc.constantFrom<NameRevision['operation']>('commit', 'delete', 'rename'),
      atMs: count,
      cid: optional(text),
      contentCid: optional(link),
      renamedFrom: optional(text),
      renamedTo: optional(text),
      previousCid: optional(link),
    })
    const property = fc.asyncProperty(step, async (one) => {
      const { name, revision, operation, atMs, cid, contentCid, renamedFrom, renamedTo, previousCid } = one
      const fields = { operation, at_ms: atMs, cid, content: contentCid, previous: previousCid }
      const json = JSON.stringify({ ...fields, renamed_from: renamedFrom, renamed_to: renamedTo })
      expect(await redis.call('EVAL', record, 0, name, String(revision), json)).toBe(recordCid(one))
    })
    await fc.assert(property, { numRuns: 300 })
    redis.disconnect()
  })
})
