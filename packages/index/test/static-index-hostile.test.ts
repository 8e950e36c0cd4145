import { readFile, writeFile } from 'node:fs/promises'
import { decode, encode } from '@ipld/dag-cbor'
import { type Entry, exportIndex } from '@shardex/index'
import { encodeMsgpack } from '@shardex/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blockCid } from '../src/cid.ts'
import { encodeEntry } from '../src/static/entry-record.ts'
import { decodePointer, encodePointer, nameKey, recordKey } from '../src/static/layout.ts'
import { CONTENT, openStaticPlace, Photo, WEB } from './static-place.ts'

test('bytes that are not what the pointer names are refused', async () => {
  await using place = await openStaticPlace()
  const { index, store, dir } = place
  await index.addEntry({ dataUrls: [WEB], type: Photo, metadata: { licence: 'CC0' } }, { name: 'photos' })
  await index.addEntry({ dataUrls: [WEB, WEB], type: Photo }, { name: 'other' })
  await exportIndex(index, store)
  await using published = await place.publish()
  const [photos, other] = await Promise.all(['photos', 'other'].map(async (name) => readFile(dir.file(nameKey(name)), 'utf8')))
  const { record, cid } = JSON.parse(photos!) as { record: string; cid: string }
  const bytes = await readFile(dir.file(recordKey(record)))

  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const forged = new Uint8Array(bytes)
      forged[at]! ^= change
      await writeFile(dir.file(recordKey(record)), forged)
      expect(await refusal(published.getEntryByName('photos'))).toBe('index.corrupt')
    }),
    { numRuns: 100 },
  )
  await writeFile(dir.file(recordKey(record)), bytes)
  // A pointer to another entry than it says.
  await writeFile(dir.file(nameKey('photos')), other!.replace(/"cid":"[^"]*"/, `"cid":"${cid}"`))
  expect(await refusal(published.getEntryByName('photos'))).toBe('index.corrupt')
})

test.each<[string, string | Uint8Array]>([
  ['a page of a server that never says "not found"', '<!doctype html>'],
  ['JSON that is no object', 'null'],
  ['another version', '{"version":2}'],
  ['a CID that is a path', `{"version":1,"cid":"${CONTENT}","record":"../../secret"}`],
  ['a revision that is text', `{"version":1,"cid":"${CONTENT}","record":"${CONTENT}","revision":"7"}`],
  ['a record that is not there', `{"version":1,"cid":"${CONTENT}","record":"${CONTENT}"}`],
  ['more than a pointer takes', ' '.repeat(1_000_000)],
  ['bytes that are no text', Uint8Array.of(0xff, 0xfe)],
])('%s in the place of a pointer is refused', async (_, text) => {
  await using place = await openStaticPlace()
  await place.store.put(nameKey('photos'), typeof text === 'string' ? Buffer.from(text) : text)
  await using published = await place.publish()
  expect(await refusal(published.getEntryByName('photos'))).toBe('index.corrupt')
})

const HOSTILE = ['/etc/passwd', 'file:///etc/passwd', 's3://private/x.tar', '../x.tar', 'data:,x', '//host/x.tar']

test.each([...HOSTILE, '{../{../etc/passwd,x},x}', '.{.,}/x.tar'])('nobody is sent to %s by an index of others', async (url) => {
  await using place = await openStaticPlace()
  const { bytes, pointer } = encodeEntry({ name: 'photos', schemaRef: 'x' } as Entry, [WEB, url])
  await place.store.put(recordKey(pointer.record), bytes)
  await place.store.put(nameKey('photos'), encodePointer({ ...pointer, revision: 1 }))
  await using published = await place.publish()
  expect(await refusal(published.getEntryByName('photos'))).toBe('index.corrupt')
})

test('nobody is sent to mirrors that are not on the web: none is exported, and an index of others cannot say one', async () => {
  await using place = await openStaticPlace()
  const { index, store, dir } = place
  const metadata = { mirrors: ['https://copies.example/', ...HOSTILE, 7, 'http://copies.example/a/'], licence: 'CC0' }
  await index.addEntry({ dataUrls: [WEB], type: Photo, metadata }, { name: 'photos' })
  await exportIndex(index, store)
  const pointer = decodePointer(await readFile(dir.file(nameKey('photos'))), 'here')
  const record = await readFile(dir.file(recordKey(pointer.record)))
  expect(record.toString('latin1')).toContain('https://copies.example/')
  for (const url of HOSTILE) expect(record.toString('latin1')).not.toContain(url)

  const forged = encode({ ...decode<object>(record), metadata: encodeMsgpack(metadata) })
  await store.put(recordKey(blockCid(forged)), forged)
  await store.put(nameKey('forged'), encodePointer({ ...pointer, record: blockCid(forged) }))
  await using published = await place.publish()
  for (const name of ['photos', 'forged'])
    expect((await published.getEntryByName(name))?.metadata).toEqual({
      mirrors: ['https://copies.example/', 'http://copies.example/a/'],
      licence: 'CC0',
    })
})

async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'accepted',
    (error: unknown) => (error as { code?: string }).code ?? error,
  )
}
