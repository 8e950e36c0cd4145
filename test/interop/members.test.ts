import { fileURLToPath } from 'node:url'
import { array, bytes, Dataset, defineMembers, defineSample, float, int, type NDArray, ndarray, Repo, str } from 'shardex'
import { beforeAll, expect, test } from 'vitest'
import { pythonWithWebdataset, run, type TempDir, tempDir } from '../services/index.ts'

const COUNT = 40
const BIN = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url))

const Sample = defineSample('interop.Members', {
  image: bytes(),
  label: int(),
  text: str(),
  caption: str(),
  width: int(),
  ratio: float(),
  big: int(),
  tags: array(str()),
  iso: int().optional(),
  points: ndarray('float32', [null, 2]),
  score: float(),
  ids: array(int()),
  mask: bytes().optional(),
})
const MEMBERS = defineMembers(Sample, {
  image: 'jpg;png',
  label: 'cls',
  text: 'txt',
  caption: 'json#/caption',
  width: 'json#/width',
  ratio: 'json#/ratio',
  big: 'json#/big',
  tags: 'json#/tags',
  iso: 'json#/exif/iso',
  points: 'npy',
  score: 'mp#/score',
  ids: 'mp#/ids',
  mask: 'seg.png',
})

/** As webdataset's decoder gave it. */
interface Decoded {
  readonly __key__: string
  readonly jpg: { readonly hex: string }
  readonly cls: number
  readonly txt: string
  readonly json: { caption: string; width: number; ratio: number; tags: string[]; exif: { iso: number | null } }
  readonly npy: { readonly dtype: string; readonly shape: number[]; readonly values: number[] }
  readonly mp: { readonly score: number; readonly ids: number[] }
  readonly 'seg.png'?: { readonly hex: string }
}

let python: string
beforeAll(async () => {
  python = await pythonWithWebdataset()
})

async function written(dir: TempDir): Promise<{ url: string; decoded: Decoded[] }> {
  const url = dir.file('members.tar')
  const script = fileURLToPath(new URL('members-with-webdataset.py', import.meta.url))
  return { url, decoded: JSON.parse(await run(python, [script, url, String(COUNT)])) as Decoded[] }
}

const hex = (value: Uint8Array) => ({ hex: Buffer.from(value).toString('hex') })
const plain = ({ dtype, shape, values }: NDArray) => ({ dtype, shape, values: Array.from(values as ArrayLike<number>) })

test("what webdataset's TarWriter wrote is read field by field as webdataset's decoder reads it", async () => {
  await using dir = await tempDir('interop')
  const { url, decoded } = await written(dir)
  expect(decoded).toHaveLength(COUNT)
  await using repo = new Repo({ home: dir.file('home') })
  const [, stored] = await repo.insert(Dataset.from(MEMBERS, url), 'members')
  for (const dataset of [Dataset.from(MEMBERS, url), stored]) {
    let i = 0
    for await (const sample of dataset) {
      const { __key__, jpg, cls, txt, json, npy, mp, 'seg.png': mask } = decoded[i]!
      expect(sample.__key__).toBe(__key__)
      expect(hex(sample.image)).toEqual(jpg)
      expect([sample.label, sample.text]).toEqual([cls, txt])
      const { caption, width, ratio, tags, iso } = sample
      expect({ caption, width, ratio, tags, exif: { iso: iso ?? null } }).toEqual({ ...json, big: undefined })
      expect(sample.big).toBe(2n ** 60n + BigInt(i)) // which JSON.parse above has rounded
      expect(plain(sample.points)).toEqual(npy)
      expect({ score: sample.score, ids: sample.ids }).toEqual(mp)
      expect(sample.mask && hex(sample.mask)).toEqual(mask)
      i++
    }
    expect(i).toBe(COUNT)
  }
})

test('shardex insert brings it in without being told what it is', async () => {
  await using dir = await tempDir('interop')
  const { url, decoded } = await written(dir)
  const home = dir.file('home')
  await run(process.execPath, ['--conditions=@shardex/source', BIN, 'insert', url, '--name', 'members', '--home', home, '--json'])
  await using repo = new Repo({ home })
  const dataset = await repo.open('members')
  let i = 0
  for await (const sample of dataset) {
    const { __key__, jpg, cls, txt, json, mp, npy } = decoded[i++]!
    expect(sample).toMatchObject({
      __key__,
      cls,
      txt,
      caption: json.caption,
      width: json.width,
      ratio: json.ratio,
      tags: json.tags,
    })
    expect(hex(sample['jpg'] as Uint8Array)).toEqual(jpg)
    expect({ score: sample['score'], ids: sample['ids'] }).toEqual(mp)
    expect(plain(sample['npy'] as NDArray)).toEqual(npy)
  }
  expect(i).toBe(COUNT)
})
