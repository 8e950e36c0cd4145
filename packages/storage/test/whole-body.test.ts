import { openFileStore, wholeBody } from '@shardex/storage'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/services/temp-dir.ts'

test('a body in one piece is what was put, in its order, however many chunks it came in', async () => {
  await using dir = await tempDir('whole-body')
  await using store = await openFileStore(dir.path)
  const bytes = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * 31 + (i >> 8)) & 255)
  await store.put('large', bytes)
  await store.put('empty', new Uint8Array())

  const body = (await store.get('large'))!
  const cut = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of body.chunks) for (let at = 0; at < chunk.length; at += 999) yield chunk.subarray(at, at + 999)
  }
  expect(Buffer.from(bytes).equals(await wholeBody({ ...body, chunks: cut() }))).toBe(true)
  expect(await wholeBody((await store.get('large', { range: { start: 7, end: 10 } }))!)).toEqual(bytes.subarray(7, 10))
  expect(await wholeBody((await store.get('empty'))!)).toEqual(new Uint8Array())
})
