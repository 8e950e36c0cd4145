import { encodeMsgpack, encodeNpy, NDArray } from '@shardex/schema'
import { pack } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../temp-dir.ts'
import { failureOf, readSource } from './read-source.ts'

type Member = readonly [name: string, content: string | Uint8Array, type?: 'directory' | 'symlink' | 'fifo']

/** A tar as other programs write it. */
async function tarOf(members: readonly Member[]): Promise<Buffer> {
  const tar = pack()
  for (const [name, content, type = 'file'] of members) {
    if (type === 'file') tar.entry({ name }, content)
    else tar.entry({ name, type, linkname: type === 'symlink' ? '/etc/passwd' : '' })
  }
  tar.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const png = Buffer.from('\x89PNG\r\n\x1a\nnot really', 'latin1')

describe('tar', () => {
  test('members that share a key are one sample, decoded by extension', async () => {
    await using dir = await tempDir()
    const path = await dir.write(
      'train.tar',
      await tarOf([
        ['a/', '', 'directory'],
        ['a/x.1/0001.JPG', png],
        ['a/x.1/0001.cls', '7\n'],
        ['a/x.1/0001.txt', 'grüße'],
        ['a/x.1/0001.json', '{"width":64,"tags":["a"],"exif":{"iso":100}}'],
        ['a/x.1/0002.jpg', png],
        ['a/x.1/0002.cls', '-1'],
        ['a/x.1/0002.seg.png', png],
        ['a/x.1/0002.json', '{"width":12.5,"tags":[],"exif":null}'],
      ]),
    )
    const source = await readSource(path)
    expect(source.describe).toBe('2 samples of train.tar')
    expect(source.fields).toEqual([
      'jpg: bytes',
      'cls: int',
      'txt: str, optional',
      'width: float',
      'tags: list of str',
      'exif: str, optional',
      'seg_png: bytes, optional',
    ])
    expect(source.all).toEqual([
      { __key__: 'a/x.1/0001', jpg: png, cls: 7, txt: 'grüße', width: 64, tags: ['a'], exif: '{"iso":100}' },
      { __key__: 'a/x.1/0002', jpg: png, cls: -1, seg_png: png, width: 12.5, tags: [] },
    ])
  })

  test('samples that atdata packed are laid out into their fields', async () => {
    await using dir = await tempDir()
    const sample = { id: 2n ** 60n, name: 'x', score: 0.5, missing: null, pixels: Uint8Array.of(3, 124, 117, 49) }
    const source = await readSource(await dir.write('at.tar', await tarOf([['k.msgpack', encodeMsgpack(sample)]])))
    expect(source.fields).toEqual(['id: int', 'name: str', 'score: float', 'missing: str, optional', 'pixels: bytes'])
    expect(source.notices).toEqual(['missing: no row has a value'])
  })

  test('links, devices, metadata and members without a key or extension are skipped and counted', async () => {
    await using dir = await tempDir()
    const path = await dir.write(
      'odd.tar',
      await tarOf([
        ['__meta__', '{}'],
        ['d/__info__/x.txt', 'no'],
        ['./1.txt', 'one'],
        ['1.lnk', '', 'symlink'],
        ['2.pipe', '', 'fifo'],
        ['README', 'no'],
        ['.DS_Store', 'no'],
      ]),
    )
    const source = await readSource(path)
    expect(source.all).toEqual([{ __key__: '1', txt: 'one' }])
    expect(source.notices).toEqual([
      'members of metadata (__…__): 2 skipped',
      'members that are no regular files (links, devices): 2 skipped',
      'members without an extension: 2 skipped',
    ])
  })

  test.each(['../../etc/cron.d/x.txt', '/etc/passwd.txt', 'a/../b.txt', 'a\u0007.txt'])(
    'the member %j is refused',
    async (name) => {
      await using dir = await tempDir()
      expect(await failureOf(await dir.write('evil.tar', await tarOf([[name, 'x']])))).toMatchObject({ code: 'key.invalid' })
    },
  )

  test.each<readonly [string, readonly Member[], RegExp]>([
    [
      'an extension twice',
      [
        ['a.txt', '1'],
        ['a.TXT', '2'],
      ],
      /a\.txt with "txt"/,
    ],
    [
      'a JSON entry beside a member of its name',
      [
        ['a.txt', '1'],
        ['a.json', '{"txt":2}'],
      ],
      /a\.json with "txt"/,
    ],
    ['broken JSON', [['a.json', '{']], /a\.json that is not JSON/],
    ['broken msgpack', [['a.msgpack', Uint8Array.of(0x81)]], /a\.msgpack that is not msgpack/],
    ['text in latin1', [['a.txt', Uint8Array.of(0xe9)]], /a\.txt with bytes that are no UTF-8/],
  ])('%s is refused', async (_what, members, message) => {
    await using dir = await tempDir()
    const error = await failureOf(await dir.write('bad.tar', await tarOf(members)))
    expect(error).toMatchObject({ code: 'source.invalid' })
    expect((error as Error).message).toMatch(message)
  })

  test('a tar cut anywhere inside a member or header is refused', async () => {
    await using dir = await tempDir()
    const whole = await tarOf([
      ['a.txt', 'x'.repeat(1500)],
      ['b.txt', 'y'],
    ])
    for (const length of [100, 600, 2047, 2100, 2700]) {
      expect(await failureOf(await dir.write(`cut-${length}.tar`, whole.subarray(0, length))), `cut at ${length}`).toMatchObject({
        code: 'source.invalid',
      })
    }
  })

  test('a tar with a flipped header byte, or of something else, is refused', async () => {
    await using dir = await tempDir()
    const flipped = await tarOf([['a.txt', 'x']])
    flipped[3] = (flipped[3] as number) ^ 1
    expect(await failureOf(await dir.write('flipped.tar', flipped))).toMatchObject({ code: 'source.invalid' })
    expect(await failureOf(await dir.write('text.tar', 'no tar at all '.repeat(100)))).toMatchObject({ code: 'source.invalid' })
    const gzipped = await failureOf(await dir.write('zipped.tar', Uint8Array.of(0x1f, 0x8b, 8, 0)))
    expect((gzipped as Error).message).toContain('gunzip')
  })

  test('a tar of nothing is an empty dataset', async () => {
    await using dir = await tempDir()
    expect(await failureOf(await dir.write('none.tar', await tarOf([])))).toMatchObject({ code: 'dataset.empty' })
  })

  test('arrays are arrays, and what needs pickle is refused', async () => {
    await using dir = await tempDir()
    const array = NDArray.from(Float32Array.of(1, 2, 3, 4), [2, 2])
    const npy = Buffer.from(encodeNpy(array))
    const source = await readSource(await dir.write('arrays.tar', await tarOf([['a.npy', npy]])))
    expect(source.fields).toEqual(['npy: ndarray of any dtype'])
    for await (const sample of source.samples) expect(sample).toMatchObject({ npy: { dtype: '<f4', shape: [2, 2] } })
    npy.write("'|O' ", npy.indexOf("'<f4'"), 'latin1')
    expect(await failureOf(await dir.write('pickled.tar', await tarOf([['a.npy', npy]])))).toMatchObject({
      code: 'source.invalid',
      message: expect.stringContaining('a.npy that is not a .npy array'),
    })
  })
})
