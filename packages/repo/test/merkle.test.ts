import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditPath, leafInput, merkleRoot, rootOfPath } from '../src/proof/merkle.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

/** The entries and roots of the test vectors of Certificate Transparency (RFC 9162's reference tests, `merkle_tree_test`). */
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((text) =>
  Buffer.from(text, 'hex'),
)
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const leaves = ENTRIES.map((entry) => sha256(leafInput(entry)))
const leafAt = (position: number) => leaves[position]!

test.each(ROOTS.map((root, count) => [count, root] as const))(
  'the root over %d entries is that of Certificate Transparency',
  (count, root) => {
    expect(hex(merkleRoot(leafAt, 0, count, sha256))).toBe(root)
  },
)

test('every leaf of every tree is proved by its path, and by no other position, leaf, size or path', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (count, at, other) => {
      const many = (position: number) => sha256(Buffer.from(`leaf ${position}`))
      const root = hex(merkleRoot(many, 0, count, sha256))
      const position = at % count
      const path = auditPath(many, position, count, sha256)
      expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)))
      expect(hex(rootOfPath(many(position), position, count, path, sha256))).toBe(root)
      const wrong = other % count
      if (wrong !== position) {
        expect(hex(rootOfPath(many(wrong), position, count, path, sha256))).not.toBe(root)
        expect(hex(rootOfPath(many(position), wrong, count, path, sha256))).not.toBe(root)
      }
      expect(hex(rootOfPath(many(position), position, count, [...path, many(0)], sha256))).not.toBe(root)
      expect(rootOfPath(many(position), count, count, path, sha256)).toBeUndefined()
    }),
  )
})
