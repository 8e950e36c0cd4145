import { execFile } from 'node:child_process'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { isShardexError } from '@shardex/errors'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { type TempDir, tempDir } from '../../../test/services/index.ts'
import { readTarMembers } from '../src/tar/read-members.ts'

/** Names that fit into a header, that need its prefix, and that need a header of their own. */
const NAMES = ['a.txt', `${'d'.repeat(90)}/${'n'.repeat(60)}.txt`, `${'d'.repeat(200)}/${'n'.repeat(150)}.txt`]

describe('tars of GNU tar', () => {
  test.each([
    ['gnu', NAMES],
    ['pax', [...NAMES, 'grüße/漢字.txt', '😀.txt']],
    ['ustar', NAMES.slice(0, 2)],
    ['v7', NAMES.slice(0, 1)],
  ])('in the format %s are read member by member', async (format, names) => {
    await using dir = await tempDir('members')
    for (const [i, name] of names.entries()) await write(dir, name, 'x'.repeat(700 * i))
    const tar = await gnuTar(dir, [`--format=${format}`], names)
    const wanted = names.map((name, i) => [name.slice(0, -4), 'txt', 'x'.repeat(700 * i)])
    expect(await members([tar])).toEqual(wanted)
    expect(await members(pieces(tar, 100))).toEqual(wanted)
  })

  test('with links and folders tell what they leave out', async () => {
    await using dir = await tempDir('members')
    await write(dir, 'folder/a.txt', 'x')
    await run('ln', ['-s', 'a.txt', dir.file('folder/b.txt')])
    await run('ln', [dir.file('folder/a.txt'), dir.file('folder/c.txt')])
    const skipped: string[] = []
    const read = await members([await gnuTar(dir, ['--sort=name'], ['folder'])], skipped)
    expect(read).toEqual([['folder/a', 'txt', 'x']])
    expect(skipped).toEqual(Array(2).fill('members that are no regular files (links, devices)'))
  })

  test.each(['gnu', 'pax'])('with sparse members in the format %s are refused', async (format) => {
    await using dir = await tempDir('members')
    await write(dir, 'hole.txt', 'x')
    await using file = await open(dir.file('hole.txt'), 'r+')
    await file.write(Buffer.from('end'), 0, 3, 3_000_000)
    const tar = await gnuTar(dir, [`--format=${format}`, '--sparse'], ['hole.txt'])
    expect(await failure([tar])).toMatchObject({ code: 'shard.corrupt', details: { found: 'a sparse member' } })
  })
})

test('whatever another writer packs is read, wherever the chunks end', async () => {
  const name = fc.stringMatching(/^[a-zé]{1,80}(\/[a-zé]{1,80}){0,2}\.[a-z]{1,5}$/)
  const entries = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 1500 })), { selector: ([key]) => key, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 2000 }), async (files, chunkBytes) => {
      const tar = pack()
      for (const [path, content] of files) tar.entry({ name: path }, Buffer.from(content))
      tar.finalize()
      const chunks: Uint8Array[] = []
      for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk)
      const wanted = files.map(([path, content]) => {
        const dot = path.lastIndexOf('.')
        return [path.slice(0, dot), path.slice(dot + 1), Buffer.from(content).toString()]
      })
      expect(await members(pieces(Buffer.concat(chunks), chunkBytes))).toEqual(wanted)
    }),
    { numRuns: 50 },
  )
})

test('a tar that ends anywhere before its last block is refused', async () => {
  await using dir = await tempDir('members')
  for (const name of NAMES) await write(dir, name, 'x'.repeat(600))
  const tar = await gnuTar(dir, ['--format=gnu', '--blocking-factor=1'], NAMES)
  for (let end = 0; end < tar.length; end += 97) {
    const error = await failure([tar.subarray(0, end)])
    expect(isShardexError(error, 'shard.corrupt')).toBe(true)
  }
  expect(await members([tar])).toHaveLength(NAMES.length)
})

async function write(dir: TempDir, name: string, text: string): Promise<void> {
  await mkdir(dirname(dir.file(name)), { recursive: true })
  await writeFile(dir.file(name), text)
}

const run = promisify(execFile)

async function gnuTar(dir: TempDir, options: readonly string[], names: readonly string[]): Promise<Buffer> {
  await run('tar', [...options, '-cf', dir.file('made.tar'), '-C', dir.path, ...names])
  return readFile(dir.file('made.tar'))
}

async function members(chunks: Iterable<Uint8Array>, skipped: string[] = []): Promise<string[][]> {
  const read: string[][] = []
  const onSkip = (reason: string) => skipped.push(reason)
  for await (const { key, extension, bytes } of readTarMembers(arriving(chunks), 'made.tar', { onSkip }))
    read.push([key, extension, Buffer.from(bytes).toString()])
  return read
}

async function failure(chunks: Iterable<Uint8Array>): Promise<unknown> {
  return members(chunks).then(
    () => undefined,
    (error: unknown) => error,
  )
}

function* pieces(bytes: Uint8Array, sizeBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes)
}

async function* arriving(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks
}
