import { mkdir, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { SourceSample } from '../../src/sources/source.ts'
import { tempDir } from '../temp-dir.ts'
import { failureOf, readSource } from './read-source.ts'

const png = Buffer.from('\x89PNG\r\n\x1a\nnot really', 'latin1')
const emoji = dirname(createRequire(import.meta.url).resolve('emoji-datasource-twitter/package.json'))

describe('a folder', () => {
  test('of emoji images takes a label for every image from a JSON file, skin tones from within the row of their person', async () => {
    const source = await readSource(join(emoji, 'img/twitter/64'), {
      labels: join(emoji, 'emoji.json'),
      schemaName: 'demo.Emoji',
    })
    expect(source.describe).toBe('3,786 images in 64 with labels from emoji.json (column image)')
    expect(source.notices).toEqual([])
    expect(source.fields.slice(0, 4)).toEqual(['image: bytes', 'name: str', 'unified: str', 'non_qualified: str, optional'])
    expect(source.fields).toContain('short_names: list of str')
    expect(source.fields).toContain('has_img_apple: bool')
    const santa = source.all.find(({ __key__ }) => __key__ === '1f385-1f3fb') as SourceSample
    expect(santa).toMatchObject({ name: 'FATHER CHRISTMAS', category: 'People & Body', unified: '1F385-1F3FB', sheet_y: 5 })
    expect((santa['image'] as Buffer).subarray(1, 4).toString()).toBe('PNG')
  })

  test('of folders is a classification set, in the order of path bytes', async () => {
    await using dir = await tempDir()
    for (const name of ['dog/1.png', 'cat/10.png', 'cat/2.png', 'ｚ/1.png', '\u{1f408}/1.png']) await dir.write(name, png)
    const source = await readSource(dir.path)
    expect(source.fields).toEqual(['image: bytes', 'label: str'])
    expect(source.all.map(({ __key__, label }) => [__key__, label])).toEqual([
      ['cat/10', 'cat'],
      ['cat/2', 'cat'],
      ['dog/1', 'dog'],
      ['ｚ/1', 'ｚ'],
      ['_/1', '\u{1f408}'],
    ])
    expect(source.describe).toMatch(/^5 images in .* with labels from 4 folder names$/)
  })

  test('says of how many files the key is not the name', async () => {
    await using dir = await tempDir()
    for (const name of ['a.png', 'with space.png', 'x.y.png']) await dir.write(name, png)
    expect((await readSource(dir.path)).notices).toEqual([
      'keys that differ from the file name: 2, as with_space for "with space.png"',
    ])
  })

  test('of one class has no labels, and of loose files beside classes has optional ones', async () => {
    await using dir = await tempDir()
    await dir.write('images/1.png', png)
    expect((await readSource(dir.path)).fields).toEqual(['image: bytes'])
    await dir.write('loose.png', png)
    expect((await readSource(dir.path)).fields).toEqual(['image: bytes', 'label: str, optional'])
  })

  test('finds a table of labels by itself, whatever form it names the files in', async () => {
    const tables = {
      'labels.csv': 'file,label\n1.png,cat\n2,dog\n',
      'data.jsonl':
        '{"pic":"./sub/../x","label":"no"}\n{"pic":"photos\\\\1.png","label":"cat"}\n{"pic":"/data/photos/2.png","label":"dog"}\n',
      'list.json': '[{"id":1,"label":"cat"},{"id":2,"label":"dog"}]',
    }
    for (const [name, content] of Object.entries(tables)) {
      await using dir = await tempDir()
      await dir.write('photos/1.png', png)
      await dir.write('photos/2.png', png)
      const table = await dir.write(`photos/${name}`, content)
      const source = await readSource(dirname(table))
      expect(source.fields, name).toEqual(['image: bytes', 'label: str'])
      expect(
        source.all.map(({ label }) => label),
        name,
      ).toEqual(['cat', 'dog'])
      expect(source.describe, name).toContain(`with labels from ${name}`)
    }
  })

  test('of files that share a name is one sample for each name, as in a tar', async () => {
    await using dir = await tempDir()
    for (const key of ['a/00000', 'a/00001', 'b/00000']) {
      await dir.write(`${key}.PNG`, png)
      await dir.write(`${key}.cls`, '7\n')
      await dir.write(`${key}.json`, `{"caption":"of ${key}"}`)
    }
    await dir.write('b/00001.png', png)
    await dir.write('README.md', 'about')
    const source = await readSource(dir.path)
    expect(source.fields).toEqual(['png: bytes', 'cls: int, optional', 'caption: str, optional'])
    expect(source.all.map(({ __key__, cls, caption }) => [__key__, cls, caption])).toEqual([
      ['a/00000', 7, 'of a/00000'],
      ['a/00001', 7, 'of a/00001'],
      ['b/00000', 7, 'of b/00000'],
      ['b/00001', undefined, undefined],
    ])
    expect(source.notices).toEqual(['files that share no name with others: 1 skipped'])
    expect(source.describe).toMatch(/^4 samples in /)
  })

  test('of images with captions keeps both, unless a table of labels says what the samples are', async () => {
    await using dir = await tempDir()
    for (const key of ['1', '2']) {
      await dir.write(`photos/${key}.jpg`, Buffer.from('ffd8ffe000104a464946', 'hex'))
      await dir.write(`photos/${key}.txt`, `photo ${key}`)
    }
    const source = await readSource(join(dir.path, 'photos'))
    expect(source.all).toMatchObject([
      { __key__: '1', txt: 'photo 1' },
      { __key__: '2', txt: 'photo 2' },
    ])
    await dir.write('photos/labels.csv', 'file,label\n1.jpg,cat\n2.jpg,dog\n')
    expect((await readSource(join(dir.path, 'photos'))).fields).toEqual(['file: bytes', 'label: str'])
  })

  test('finds a table beside it under its own name', async () => {
    await using dir = await tempDir()
    await dir.write('sounds/a.wav', 'RIFF\0\0\0\0WAVE')
    await dir.write('sounds.csv', 'name,seconds\na,1.5\n')
    const source = await readSource(join(dir.path, 'sounds'))
    expect(source.fields).toEqual(['audio: bytes', 'seconds: float'])
  })

  test('leaves a table alone that names less than half of the files', async () => {
    await using dir = await tempDir()
    for (const name of ['1.png', '2.png', '3.png']) await dir.write(name, png)
    await dir.write('favourites.csv', 'file,why\n1.png,nice\n')
    const source = await readSource(dir.path)
    expect(source.fields).toEqual(['image: bytes'])
    expect(source.notices).toEqual(['files that are no images: 1 skipped'])
  })

  test('skips files without a row, or keeps them if told so, and says which', async () => {
    await using dir = await tempDir()
    for (const name of ['1.png', '2.png']) await dir.write(`in/${name}`, png)
    const labels = await dir.write('some.csv', 'file,image\n1.png,a cat\n9.png,gone\n')
    const skipped = await readSource(join(dir.path, 'in'), { labels })
    expect(skipped.all.map(({ __key__, image_label }) => [__key__, image_label])).toEqual([['1', 'a cat']])
    expect(skipped.notices).toEqual([
      'files without a row in some.csv: 1 skipped (--keep-unlabelled keeps them)',
      'rows of some.csv that name no file here: 1',
    ])
    const kept = await readSource(join(dir.path, 'in'), { labels, keepUnlabelled: true })
    expect(kept.fields).toEqual(['image: bytes', 'image_label: str, optional'])
    expect(kept.all).toHaveLength(2)
  })

  test('refuses labels that name no file, or one file twice', async () => {
    await using dir = await tempDir()
    await dir.write('in/1.png', png)
    const other = await dir.write('other.csv', 'file,x\nzzz,a\n')
    expect(await failureOf(join(dir.path, 'in'), { labels: other })).toMatchObject({
      code: 'source.invalid',
      details: { source: other },
    })
    const twice = await dir.write('twice.csv', 'file,x\n1.png,1\n1,2\n')
    expect(await failureOf(join(dir.path, 'in'), { labels: twice })).toMatchObject({
      details: { found: 'several rows whose file names 1.png' },
    })
  })

  test('makes keys that every tar reader cuts at the same place, or names the two files that collide', async () => {
    await using dir = await tempDir()
    for (const name of ['a.b/x y.v1.png', 'pre__/1.png', 'c/ü.png']) await dir.write(name, png)
    expect((await readSource(dir.path)).all.map(({ __key__ }) => __key__)).toEqual(['a_b/x_y_v1', 'c/ü', 'pre_/1'])
    await dir.write('c/1.png', png)
    await dir.write('c/1.jpg', png)
    const error = await failureOf(dir.path)
    expect(error).toMatchObject({ code: 'key.duplicate', details: { key: 'c/1' } })
    expect((error as Error).message).toContain('c/1.jpg and c/1.png')
  })

  test('leaves out hidden files and links that lead away, and says so', async () => {
    await using outside = await tempDir()
    await outside.write('secret.png', png)
    await using dir = await tempDir()
    await dir.write('1.png', png)
    await dir.write('.hidden.png', png)
    await symlink(join(outside.path, 'secret.png'), join(dir.path, '2.png'))
    await symlink('1.png', join(dir.path, '3.png'))
    await symlink('nowhere', join(dir.path, '4.png'))
    await symlink('.', join(dir.path, 'loop'))
    const source = await readSource(dir.path)
    expect(source.all.map(({ __key__ }) => __key__)).toEqual(['1', '3'])
    expect(source.notices.toSorted()).toEqual([
      'hidden files: 1 skipped',
      'links that lead nowhere: 1 skipped',
      'links that lead out of the folder: 1 skipped',
      'links to folders: 1 skipped',
    ])
  })

  test('of images that are none is refused with what they are', async () => {
    await using dir = await tempDir()
    await dir.write('1.png', 'version https://git-lfs.github.com/spec/v1\n')
    const error = await failureOf(dir.path)
    expect(error).toMatchObject({ code: 'source.invalid' })
    expect((error as Error).message).toContain('git lfs pull')
  })

  test('of any files is a set of files, and of nothing an empty dataset', async () => {
    await using dir = await tempDir()
    await mkdir(join(dir.path, 'docs'))
    expect(await failureOf(dir.path)).toMatchObject({ code: 'dataset.empty' })
    await dir.write('docs/a.pdf', '%PDF')
    await dir.write('docs/b.txt', '')
    const source = await readSource(dir.path)
    expect(source.fields).toEqual(['file: bytes'])
    expect(source.all.map(({ file }) => String(file))).toEqual(['%PDF', ''])
  })

  test('of any files takes a table among them as labels, or a mere list as a choice', async () => {
    await using dir = await tempDir()
    for (const name of ['a.pdf', 'b.pdf', 'z.txt']) await dir.write(`docs/${name}`, name)
    await dir.write('docs/pages.csv', 'file,pages\nb.pdf,2\na.pdf,1\n')
    const labelled = await readSource(join(dir.path, 'docs'))
    expect(labelled.all.map(({ file, pages }) => [String(file), pages])).toEqual([
      ['a.pdf', 1],
      ['b.pdf', 2],
    ])
    const list = await dir.write('list.csv', 'file\nz.txt\n')
    const chosen = await readSource(join(dir.path, 'docs'), { labels: list })
    expect(chosen.fields).toEqual(['file: bytes'])
    expect(chosen.all.map(({ file }) => String(file))).toEqual(['z.txt'])
  })

  test('of the parts of a table is that table', async () => {
    await using dir = await tempDir()
    await dir.write('part-1.csv', 'x,y\n1,\n')
    await dir.write('part-2.csv', 'x\n2.5\n')
    const source = await readSource(dir.path)
    expect(source.fields).toEqual(['x: float', 'y: str, optional'])
    expect(source.all.map(({ __key__, x }) => [__key__, x])).toEqual([
      [undefined, 1],
      [undefined, 2.5],
    ])
    expect(source.describe).toMatch(/^2 rows of 2 \.csv files in /)
  })
})
