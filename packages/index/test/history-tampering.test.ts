import { dagCborCid, type HistoryReport, type IndexProvider, LocalIndex } from '@shardex/index'
import type { PlaceUnderTest } from '@shardex/index/testing'
import { describe, expect, test } from 'vitest'
import { describeRedis } from '../../../test/services/describe.ts'
import { recordCid, type StoredStep } from '../src/history-record.ts'
import { commitOf } from '../src/testing/place-under-test.ts'
import { redisPlace, sqlitePlace } from './places.ts'
import { type Fields, type Raw, type RawAccess, rawRedis, rawSqlite } from './raw-history.ts'

const NAME = 'b'

describe('whoever changes the past in SQLite is found out:', () => {
  testTampering(sqlitePlace, rawSqlite)
})
describeRedis('whoever changes the past in Redis is found out:', () => {
  testTampering(redisPlace, rawRedis)
})

function testTampering<P extends PlaceUnderTest>(open: () => Promise<P>, rawOf: (place: P, name: string) => RawAccess): void {
  /** Does every tampering in turn to the same past, and says which of them was not noticed. */
  async function unnoticed(tamperings: (raw: Raw) => Iterable<[what: string, tampered: Raw]>): Promise<string[]> {
    await using place = await open()
    const provider = await place.connect()
    await live(provider)
    await using index = new LocalIndex({ provider })
    using access = rawOf(place, NAME)
    const raw = await access.read()
    expect(raw.records).toHaveLength(6)
    const missed: string[] = []
    let done = 0
    for (const [what, tampered] of tamperings(raw)) {
      await access.write(tampered)
      if ((await index.verifyHistory(NAME)).ok) missed.push(what)
      done++
    }
    expect(done).toBeGreaterThan(0)
    await access.write(raw)
    expect(await index.verifyHistory(NAME)).toMatchObject({ ok: true, revisions: 6, problems: [] })
    return missed
  }

  test('a field of a record', async () => {
    const missed = await unnoticed(function* ({ records, head }) {
      for (const [i, record] of records.entries()) {
        for (const field of Object.keys(Object.assign({}, ...records) as Fields)) {
          for (const value of otherValues(field, record[field])) {
            yield [`${field} of record ${i + 1}: ${value}`, { records: records.with(i, changed(record, field, value)), head }]
          }
        }
      }
    })
    expect(missed).toEqual([])
  })

  test('a field of the name itself', async () => {
    const missed = await unnoticed(function* ({ records, head }) {
      for (const field of Object.keys({ cid: '', ...head })) {
        for (const value of otherValues(field, head?.[field])) {
          yield [`${field}: ${value}`, { records, head: changed(head ?? {}, field, value) }]
        }
      }
      yield ['all', { records, head: undefined }]
    })
    expect(missed).toEqual([])
  })

  test('records removed: each alone, from the start on, and to the end', async () => {
    const missed = await unnoticed(function* ({ records, head }) {
      for (let i = 0; i < records.length; i++) {
        yield [`record ${i + 1}`, { records: records.toSpliced(i, 1), head }]
        yield [`record ${i + 1}, the others moved up`, { records: renumbered(records.toSpliced(i, 1)), head }]
        yield [`all before record ${i + 2}`, { records: records.slice(i + 1), head }]
        yield [`all before record ${i + 2}, the others moved up`, { records: renumbered(records.slice(i + 1)), head }]
        yield [`all from record ${i + 1} on`, { records: records.slice(0, i), head }]
      }
    })
    expect(missed).toEqual([])
  })

  test('records swapped', async () => {
    const missed = await unnoticed(function* ({ records, head }) {
      for (let i = 0; i < records.length; i++) {
        for (let j = 0; j < i; j++) {
          const swapped = records.with(i, records[j]!).with(j, records[i]!)
          yield [`records ${i + 1} and ${j + 1}`, { records: renumbered(swapped), head }]
        }
      }
    })
    expect(missed).toEqual([])
  })

  test('records added', async () => {
    const missed = await unnoticed(function* ({ records, head }) {
      for (let i = 0; i <= records.length; i++) {
        const added: Fields = { ...(records[i] ?? records[0]), cid: dagCborCid('evil') }
        yield [`before record ${i + 1}`, { records: renumbered(records.toSpliced(i, 0, added)), head }]
      }
      for (const revision of [-7, 0, 1.5, 7, 2 ** 60])
        yield [`revision ${revision}`, { records: [...records, { ...records[0], cid: dagCborCid('evil'), revision }], head }]
    })
    expect(missed).toEqual([])
  })

  test('the whole past, also when written anew without a fault, for whoever kept the CID of a record', async () => {
    await using place = await open()
    const provider = await place.connect()
    await live(provider)
    await using index = new LocalIndex({ provider })
    using access = rawOf(place, NAME)
    const revisions = (await index.listHistory(NAME)).items
    const { headCid } = await index.verifyHistory(NAME)
    expect(headCid).toBe(revisions.at(-1)?.recordCid)
    for (const { recordCid: expected } of revisions) expect((await index.verifyHistory(NAME, { expect: expected })).ok).toBe(true)

    const { records, head } = await access.read()
    const forged = forge(records.with(0, { ...records[0], cid: dagCborCid('evil') }))
    await access.write({ records: forged.records, head: { ...head, record: forged.record } })
    expect(await index.verifyHistory(NAME)).toMatchObject({ ok: true, revisions: 6 })
    expect((await index.verifyHistory(NAME, { expect: forged.record })).ok).toBe(true)
    for (const { recordCid: expected } of revisions)
      expect(kindsOf(await index.verifyHistory(NAME, { expect: expected }))).toEqual(['unexpected'])

    await access.write({ records: [], head: undefined })
    expect(await index.verifyHistory(NAME)).toEqual({ name: NAME, ok: true, revisions: 0, headCid: undefined, problems: [] })
    expect(kindsOf(await index.verifyHistory(NAME, { expect: headCid }))).toEqual(['unexpected'])
  })

  test('and is told where', async () => {
    await using place = await open()
    const provider = await place.connect()
    await live(provider)
    await using index = new LocalIndex({ provider })
    using access = rawOf(place, NAME)
    const { records, head } = await access.read()
    const told = async (raw: Raw): Promise<unknown> => {
      await access.write(raw)
      return (await index.verifyHistory(NAME)).problems.map(({ kind, revision }) => [kind, revision])
    }
    const third = records[2] ?? {}
    expect(await told({ records: records.with(2, { ...third, cid: dagCborCid('evil') }), head })).toEqual([['changed', 4]])
    expect(await told({ records: records.toSpliced(2, 1), head })).toEqual([['missing', 4]])
    expect(await told({ records: records.slice(0, -1), head })).toEqual([['head', 6]])
    expect(await told({ records: records.with(2, { ...third, at_ms: 5 }), head })).toEqual([
      ['time', 3],
      ['changed', 4],
    ])
    expect(await told({ records: records.with(2, { ...third, operation: 'x' }), head })).toEqual([['unreadable', undefined]])
  })

  test('a clock that was ahead and is put back does not change the order of the steps', async () => {
    await using place = await open()
    const provider = await place.connect()
    using access = rawOf(place, NAME)
    await provider.commit(commitOf(NAME, 1))
    const { records, head } = await access.read()
    const ahead = Date.now() + 3_600_000
    const [first = {}] = records
    const { record } = forge([{ ...first, at_ms: ahead }])
    await access.write({ records: [{ ...first, at_ms: ahead }], head: { ...head, at_ms: ahead, record } })
    await provider.commit(commitOf(NAME, 2))
    expect((await provider.listHistory(NAME)).items.map(({ atMs }) => atMs)).toEqual([ahead, ahead])
    expect((await new LocalIndex({ provider }).verifyHistory(NAME)).ok).toBe(true)
  })
}

/** A past in which every field of a record occurs. */
async function live(index: IndexProvider): Promise<void> {
  await index.commit(commitOf('a', 1))
  await index.rename('a', NAME)
  const { entry } = commitOf(NAME, 2)
  await index.commit({ entry: { ...entry, details: Uint8Array.of(1) }, contentCid: dagCborCid('content') })
  await index.deleteName(NAME)
  await index.commit(commitOf(NAME, 3))
  await index.commit(commitOf(NAME, 4))
  await index.rename(NAME, 'c')
}

function otherValues(field: string, value: string | number | undefined): (string | number | undefined)[] {
  const others: (string | number | undefined)[] = [undefined, 'x', '', dagCborCid('other'), 'commit', 'delete', 7, -1, 2 ** 60]
  if (typeof value === 'number') others.push(value + 1, value - 1, value + 0.5)
  // A revision is where a record lies; one cannot be without it.
  return others.filter((other) => other !== value && !(field === 'revision' && typeof other !== 'number'))
}

function changed(fields: Fields, field: string, value: string | number | undefined): Fields {
  const { [field]: _, ...others } = fields
  return value === undefined ? others : { ...others, [field]: value }
}

function renumbered(records: readonly Fields[]): Fields[] {
  return records.map((record, i) => ({ ...record, revision: i + 1 }))
}

/** A chain without a fault, over what somebody would like the past to be. */
function forge(records: readonly Fields[]): { records: Fields[]; record: string } {
  const forged: Fields[] = []
  let previousCid: string | undefined
  for (const { previous: _, ...record } of records) {
    forged.push({ ...record, ...(previousCid !== undefined && { previous: previousCid }) })
    const {
      revision,
      operation,
      at_ms: atMs,
      cid,
      content: contentCid,
      renamed_from: renamedFrom,
      renamed_to: renamedTo,
    } = record
    const step = { name: NAME, revision, operation, atMs, cid, contentCid, renamedFrom, renamedTo, previousCid }
    previousCid = recordCid(step as StoredStep)
  }
  return { records: forged, record: previousCid ?? '' }
}

function kindsOf({ problems }: HistoryReport): string[] {
  return problems.map(({ kind }) => kind)
}
