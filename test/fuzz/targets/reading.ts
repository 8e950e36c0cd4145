import { deepStrictEqual, ok } from 'node:assert'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Dataset, defineMembers } from '@shardex/repo'
import { array, bytes, defineSample, float, int, ndarray, str } from '@shardex/schema'
import { MemoryPool } from '@shardex/storage'
import { BlockCrcs, encodeFooter } from '../../../packages/storage/src/cache/footer.ts'
import { readCached, readFooter } from '../../../packages/storage/src/cache/read-cached.ts'
import { webdatasetTars } from '../corpus/files.ts'
import { mutateBytes } from '../mutate/bytes.ts'
import { mutateTar } from '../mutate/tar.ts'
import { type Target, target } from '../target.ts'

const Photo = defineSample('fuzz.Photo', {
  image: bytes().optional(),
  label: int().optional(),
  caption: str().optional(),
  tags: array(str()).optional(),
  points: ndarray().optional(),
  score: float().optional(),
})
const PHOTO = defineMembers(Photo, {
  image: 'jpg;jpeg;png',
  label: 'cls;index',
  caption: 'txt',
  tags: 'json#/tags',
  points: 'npy',
  score: 'mp#/score',
})

export const readingTargets: readonly Target[] = [
  target<Uint8Array>({
    name: 'tar-of-members',
    casesInCi: 200,
    corpus: webdatasetTars,
    mutate: mutateTar,
    async run(input, scratch) {
      const path = join(scratch, 'input.tar')
      await writeFile(path, input)
      let count = 0
      for await (const sample of Dataset.from(PHOTO, path)) {
        // What is read can be written.
        const packed = Photo.pack(sample)
        deepStrictEqual(Buffer.from(Photo.pack(Photo.unpack(packed))), Buffer.from(packed))
        count += 1
      }
      return count
    },
  }),
  target<Uint8Array>({
    name: 'cache-file',
    casesInCi: 500,
    corpus: () => [0, 1, 100, 65_536, 70_000, 200_000].map(cacheFile),
    mutate: mutateBytes,
    async run(input, scratch) {
      const path = join(scratch, 'cached')
      await writeFile(path, input)
      const footer = await readFooter(path)
      if (footer === 'damaged') return footer
      const { sizeBytes } = footer
      ok(sizeBytes <= input.length && footer.crcs.length === Math.ceil(sizeBytes / 65_536))
      const given: Uint8Array[] = []
      const span = { start: 0, end: sizeBytes }
      for await (const chunk of readCached(path, footer, span, new MemoryPool(), {})) given.push(chunk)
      const read = Buffer.concat(given)
      const placed = new Uint8Array(sizeBytes)
      let placedBytes = 0
      for await (const { length } of readCached(path, footer, span, new MemoryPool(), { into: () => placed }))
        placedBytes += length
      deepStrictEqual(Buffer.from(placed.subarray(0, placedBytes)), read)
      deepStrictEqual(read, Buffer.from(input.subarray(0, read.length)))
      return read.length
    },
  }),
]

function cacheFile(sizeBytes: number): Uint8Array {
  const object = Uint8Array.from({ length: sizeBytes }, (_, i) => (i * 7) % 251)
  const crcs = new BlockCrcs()
  crcs.add(object)
  return Buffer.concat([object, encodeFooter({ sizeBytes, crcs: crcs.end(), etag: 'mark', modifiedAtMs: 1 })])
}
