import { writeFile } from 'node:fs/promises'
import { isShardexError } from '@shardex/errors'
import { array, bool, bytes, defineSample, encodeMsgpack, encodeNpy, float, int, NDArray, ndarray, str } from '@shardex/schema'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { type TempDir, tempDir } from '../../../test/services/index.ts'
import { Dataset, defineMembers, Repo } from '../src/index.ts'
import { collect } from './outcomes.ts'

type Member = readonly [name: string, content: string | Uint8Array]

async function tarAt(dir: TempDir, name: string, members: readonly Member[]): Promise<string> {
  const tar = pack()
  for (const [path, content] of members) tar.entry({ name: path }, Buffer.from(content))
  tar.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk)
  await writeFile(dir.file(name), Buffer.concat(chunks))
  return dir.file(name)
}

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3)
const Photo = defineSample('tests.Photo', {
  image: bytes(),
  label: int(),
  caption: str().optional(),
  box: ndarray('float32', [4]).optional(),
})
const PHOTO = defineMembers(Photo, { image: 'jpg;png', label: 'cls', caption: 'json#/text/en', box: 'npy' })
const box = NDArray.from(Float32Array.of(1, 2, 3, 4))

const PHOTOS: readonly Member[] = [
  ['train/a.1/0001.JPG', JPEG],
  ['train/a.1/0001.cls', '7\n'],
  ['train/a.1/0001.json', '{"text":{"en":"grüße"},"more":[1,2]}'],
  ['train/a.1/0001.npy', encodeNpy(box)],
  ['train/a.1/0002.seg.png', 'a mask, which no field names'],
  ['train/a.1/0002.png', 'not really'],
  ['train/a.1/0002.cls', '-3'],
  ['train/a.1/0002.json', '{"text":null}'],
]

describe('plain tars with several members per sample', () => {
  test('are read as typed samples, in order, shuffled, and into a repo', async () => {
    await using dir = await tempDir('members')
    await tarAt(dir, 'photos-0.tar', PHOTOS)
    await tarAt(dir, 'photos-1.tar', [
      ['b.jpg', JPEG],
      ['b.cls', '9007199254740993'],
    ])
    const dataset = Dataset.from(PHOTO, `${dir.path}/photos-{0..1}.tar`)
    const samples = await collect(dataset)
    expect(samples.map(({ __key__, label, caption }) => [__key__, label, caption])).toEqual([
      ['train/a.1/0001', 7, 'grüße'],
      ['train/a.1/0002', -3, undefined],
      ['b', 9007199254740993n, undefined],
    ])
    expect(new Uint8Array(samples[0]!.image)).toEqual(JPEG)
    expect(samples[0]?.box?.values).toEqual(box.values)
    expect(Buffer.from(samples[1]!.image).toString()).toBe('not really')
    const shuffled = await collect(dataset.shuffled({ seed: 1 }))
    expect(shuffled.map(({ label }) => label).sort()).toEqual(samples.map(({ label }) => label).sort())
    const [batch] = await collect(dataset.ordered({ batchSize: 3 }))
    expect(batch?.label).toEqual([7, -3, 9007199254740993n])

    await using repo = new Repo({ home: dir.file('home') })
    const [entry, stored] = await repo.insert(dataset, 'photos')
    expect(entry.sampleCount).toBe(3)
    const comparable = ({ image, ...rest }: (typeof samples)[number]) => ({ ...rest, image: Buffer.from(image) })
    expect((await collect(stored)).map(comparable)).toEqual(samples.map(comparable))
    expect(await stored.byKey('train/a.1/0002')).toMatchObject({ label: -3 })
  })

  test('say what they cannot do', async () => {
    await using dir = await tempDir('members')
    const url = await tarAt(dir, 'photos.tar', PHOTOS)
    const dataset = Dataset.from(PHOTO, url)
    expect(await codeOf(dataset.at(0))).toBe('dataset.unindexed')
    expect(await codeOf(dataset.byKey('x'))).toBe('dataset.unindexed')
    expect(await codeOf(collect(Dataset.from(PHOTO, url, { verify: 'sha256' })))).toBe('config.invalid')
    expect(await codeOf(collect(Dataset.from(PHOTO, dir.file('none.tar'))))).toBe('shard.not_found')
    expect(() => Dataset.from(PHOTO, url, { onCorrupt: 'skip' })).toThrow(/only be 'error'/)
    expect(() => dataset.shuffled({ seed: 1, worldSize: 2, rank: 0 })).toThrow(TypeError)
    await writeFile(dir.file('noise.tar'), Buffer.alloc(5000, 7))
    expect(await codeOf(collect(Dataset.from(PHOTO, dir.file('noise.tar'))))).toBe('shard.corrupt')
  })

  test.each<[what: string, members: Readonly<Record<string, Member[1]>>, field: string, message: RegExp]>([
    [
      'without a member',
      { jpg: 'x', txt: 'x' },
      'label',
      /a in .*t\.tar, field label: found only the members jpg, txt, wanted the member cls/,
    ],
    ['with a label that is no number', { jpg: 'x', cls: 'cat' }, 'label', /a\.cls in .*found "cat", wanted a whole number/],
    ['with a label that no integer holds', { jpg: 'x', cls: '99999999999999999999' }, 'label', /wanted/],
    ['with text that is not UTF-8', { jpg: 'x', cls: Uint8Array.of(0xff) }, 'label', /not UTF-8/],
    ['with JSON that is none', { jpg: 'x', cls: '1', json: '{"text":' }, 'caption', /wanted JSON/],
    ['with another type in its JSON', { jpg: 'x', cls: '1', json: '{"text":{"en":5}}' }, 'caption', /found 5/],
    ['with an array that is none', { jpg: 'x', cls: '1', npy: 'x'.repeat(80) }, 'box', /wanted/],
    ['with an array of another shape', { jpg: 'x', cls: '1', npy: encodeNpy(NDArray.from(Float32Array.of(1))) }, 'box', /wanted/],
    ['with a pickle', { jpg: 'x', cls: '1', npy: pickled() }, 'box', /wanted/],
    ['with a member twice', { jpg: 'x', cls: '1', JPG: 'y' }, '', /a\.jpg twice/],
  ])('refuse a sample %s, and say which and where', async (_, members, field, message) => {
    await using dir = await tempDir('members')
    const broken = Object.entries(members).map(([extension, content]) => [`a.${extension}`, content] as const)
    const url = await tarAt(dir, 't.tar', [['fine.jpg', 'x'], ['fine.cls', '1'], ...broken])
    const given: unknown[] = []
    const error = await (async () => {
      for await (const { __key__ } of Dataset.from(PHOTO, url)) given.push(__key__)
    })().catch((thrown: unknown) => thrown)
    expect(isShardexError(error, 'sample.invalid') && error.details).toMatchObject({ sample: 'a', field })
    expect(String(error)).toMatch(message)
    expect(given).toEqual(['fine'])
  })

  test('give every kind of field, from a member or from a part of a document', () => {
    const All = defineSample('tests.All', {
      text: str(),
      whole: int(),
      real: float(),
      truth: bool(),
      raw: bytes(),
      matrix: ndarray(),
      tags: array(str()),
      row: ndarray('int16', [null]),
      deep: float(),
    })
    const members = defineMembers(All, {
      text: 'transcript',
      whole: 'mp#/n',
      real: 'score',
      truth: 'ok',
      raw: '.BIN',
      matrix: 'json#/m',
      tags: 'msg#/tags',
      row: 'json#/rows/1',
      deep: 'json#/a~1b/~0c',
    })
    const files = new Map<string, Uint8Array>([
      ['transcript', Buffer.from('  as it is\n')],
      ['mp', encodeMsgpack({ n: 2 ** 40 })],
      ['score', Buffer.from(' -1.5e3\n')],
      ['ok', Buffer.from('True\n')],
      ['bin', Uint8Array.of(0, 255)],
      ['json', Buffer.from('{"m":[[1,2],[3,4]],"rows":[[],[5,6,7]],"a/b":{"~c":10000000000000000000}}')],
      ['msg', encodeMsgpack({ tags: ['x', 'y'] })],
    ])
    const sample = members.decode('k', files, 't.tar')
    expect(sample).toMatchObject({
      text: '  as it is\n',
      whole: 2 ** 40,
      real: -1500,
      truth: true,
      raw: Uint8Array.of(0, 255),
      tags: ['x', 'y'],
      deep: 1e19,
    })
    expect(sample.matrix).toMatchObject({ dtype: '<f8', shape: [2, 2] })
    expect([...(sample.row.values as Int16Array)]).toEqual([5, 6, 7])
  })

  test('take no property that a document does not have itself', () => {
    const One = defineSample('tests.One', { x: str().optional() })
    for (const pointer of ['__proto__', 'constructor/name', 'toString', 'length', '0/length'])
      expect(
        defineMembers(One, { x: `json#/${pointer}` }).decode('k', new Map([['json', Buffer.from('["a"]')]]), 't').x,
      ).toBeUndefined()
  })

  test('are described by names that fit the type', () => {
    const One = defineSample('tests.One', { x: array(int()), y: str() })
    const wrong: [Record<string, string>, RegExp][] = [
      [{ x: 'json#/x' }, /which member is the field y/],
      [{ x: 'json#/x', y: 'txt', z: 'txt' }, /no field z/],
      [{ x: 'json', y: 'txt' }, /a list comes from a document/],
      [{ x: 'jpg#/x', y: 'txt' }, /jpg has no parts/],
      [{ x: 'json#x', y: 'txt' }, /no JSON pointer/],
      [{ x: 'json#/x', y: '' }, /names no member/],
      [{ x: 'json#/x', y: 'a/b' }, /names no member/],
    ]
    for (const [names, message] of wrong) expect(() => defineMembers(One, names as { x: string; y: string })).toThrow(message)
    expect(() => Dataset.from(PHOTO, [] as unknown as string)).toThrow(TypeError)
  })

  test('of any bytes are samples or refusals', () => {
    const names = fc.constantFrom('jpg', 'png', 'cls', 'json', 'npy', 'txt')
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string().map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(fc.dictionary(names, content), (members) => {
        try {
          const { image, label } = PHOTO.decode('k', new Map(Object.entries(members)), 't.tar')
          expect(image).toBe(members['jpg'] ?? members['png'])
          expect(String(label)).toMatch(/^-?\d+$/)
        } catch (error) {
          expect(isShardexError(error, 'sample.invalid'), String(error)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** `numpy.save` of an array of objects. */
function pickled(): Uint8Array {
  const file = Buffer.from(encodeNpy(NDArray.from(Float32Array.of(1, 2, 3, 4))))
  file.write("'|O' ", file.indexOf("'<f4'"), 'latin1')
  return file
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.catch((thrown: unknown) => thrown)
  return isShardexError(error) ? error.code : String(error)
}
