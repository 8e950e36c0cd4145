import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BATCH_SIZE, DigestBatch, MAX_MESSAGE_BYTES } from '../src/hash/digest-batch.ts'
import { sha256 } from '../src/platform/node.ts'
import { HASH_BYTES, hashPair, merkleRoot } from '../src/proof/merkle.ts'

const batch = new DigestBatch()

test('the examples of FIPS 180-4 have the digests that it gives', () => {
  const examples = {
    abc: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq: '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  }
  batch.clear()
  for (const message of Object.keys(examples)) add(Buffer.from(message))
  expect(digests()).toEqual(Object.values(examples))
})

test('messages of every size, in any order and number, have the digests that OpenSSL gives them', () => {
  const message = fc.uint8Array({ minLength: 0, maxLength: MAX_MESSAGE_BYTES, size: 'max' })
  fc.assert(
    fc.property(fc.array(fc.tuple(message, fc.boolean()), { maxLength: 40 }), (messages) => {
      batch.clear()
      for (const [bytes, here] of messages) {
        if (here) add(bytes)
        else batch.put(sha256(bytes))
      }
      expect(digests()).toEqual(messages.map(([bytes]) => hex(sha256(bytes))))
    }),
  )
  batch.clear()
  const sizes = Array.from({ length: MAX_MESSAGE_BYTES + 1 }, (_, size) => new Uint8Array(size).fill(size))
  for (const bytes of sizes) add(bytes)
  expect(digests()).toEqual(sizes.map((bytes) => hex(sha256(bytes))))
})

test('in whatever runs leaves come, the tree above them is that of RFC 6962', () => {
  const leaves = Array.from({ length: 3 * BATCH_SIZE }, (_, i) => sha256(Buffer.from(`leaf ${i}`)))
  const runs = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: BATCH_SIZE }), fc.constant(BATCH_SIZE)),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  fc.assert(
    fc.property(runs, (counts) => {
      const odd: (Uint8Array | undefined)[] = []
      let taken = 0
      for (const count of counts) {
        batch.clear()
        for (let i = 0; i < count; i++) batch.put(leaves[taken++]!)
        batch.fold(odd)
      }
      const [lowest, ...others] = odd.filter((node) => node !== undefined)
      const root = others.reduce((right, left) => hashPair(left, right, sha256), lowest!)
      expect(hex(root)).toBe(hex(merkleRoot((i) => leaves[i]!, 0, taken, sha256)))
    }),
  )
})

test('what was left of a call that failed is forgotten', () => {
  add(Buffer.from('left'))
  batch.clear()
  add(Buffer.from('abc'))
  expect(digests()).toEqual([hex(sha256(Buffer.from('abc')))])
})

function add(message: Uint8Array): void {
  batch.bytes.set(message, batch.reserve(message.length))
}

function digests(): string[] {
  const all = hex(batch.digests())
  return all.match(new RegExp(`.{${2 * HASH_BYTES}}`, 'g')) ?? []
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
