import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { describeDesks, openDesk } from './desk.ts'

const MODULE = `import { defineSample, float, ndarray, str } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}
export const ImageSample = defineSample('mymodule.ImageSample', {
  image: ndarray('float32', [null, null, 3]),
  label: str(),
  score: float().optional(),
})
`

describeDesks('a schema', (open) => {
  test('is published from a record, listed, shown, and published again without news', async () => {
    await using desk = await open()
    await desk.dir.write('rows.jsonl', '{"id":1}')
    await desk.json(['insert', 'rows.jsonl', '--name', 'rows', '--schema-name', 'demo.Row'])
    const record = await desk.shardex(['schema', 'show', 'demo.Row', '--json'])
    await desk.dir.write('row.json', record.stdout)
    expect(await desk.json(['schema', 'publish', 'row.json'])).toMatchObject({ ref: 'local://schemas/demo.Row@1.0.0' })
    expect(await desk.json(['schema', 'publish', 'row.json', '--version', '2.0.0'])).toMatchObject({
      ref: 'local://schemas/demo.Row@2.0.0',
    })
    expect((await desk.shardex(['schema', 'ls'])).stdout).toMatch(/demo\.Row@1\.0\.0 .*demo\.Row@2\.0\.0 /s)
    expect((await desk.shardex(['schema', 'show', 'demo.Row'])).stdout).toMatch(/^schema .*@2\.0\.0\n.*id: int\n$/s)
  })

  test('another definition under a taken version is refused', async () => {
    await using desk = await open()
    await desk.dir.write('one.json', recordOf('id'))
    await desk.dir.write('two.json', recordOf('other'))
    await desk.json(['schema', 'publish', 'one.json', '--version', '1.0.0'])
    expect(await desk.shardex(['schema', 'publish', 'two.json', '--version', '1.0.0'])).toMatchObject({ code: 4, stdout: '' })
    expect(await desk.json(['schema', 'publish', 'two.json'])).toMatchObject({ ref: 'local://schemas/Row@1.0.1' })
  })
})

test('a module that exports a sample type is published, and its generated code is the same type', async () => {
  await using desk = await openDesk()
  await desk.dir.write('image-sample.ts', MODULE)
  const fields = ['image: ndarray float32 [*, *, 3]', 'label: str', 'score: float, optional']
  const published = await desk.json(['schema', 'publish', 'image-sample.ts', '--description', 'Images with a label'])
  expect(published).toEqual({ ref: 'local://schemas/mymodule.ImageSample@1.0.0', fields })
  const codegen = [
    'schema',
    'codegen',
    'mymodule.ImageSample',
    '--out',
    'generated.ts',
    '--import',
    new URL('../../src/index.ts', import.meta.url).href,
  ]
  await desk.json(codegen)
  await desk.json(codegen)
  expect(await desk.json(['schema', 'publish', 'generated.ts'])).toEqual(published)
})

test('code that somebody wrote is not overwritten', async () => {
  await using desk = await openDesk()
  await desk.dir.write('row.json', recordOf('id'))
  await desk.json(['schema', 'publish', 'row.json'])
  const file = await desk.dir.write('mine.ts', '// mine\n')
  expect(await desk.shardex(['schema', 'codegen', 'Row', '--out', 'mine.ts'])).toMatchObject({ code: 2 })
  expect(await readFile(file, 'utf8')).toBe('// mine\n')
})

test.each([
  ['is not there', 'nowhere.ts', '', 3],
  ['is no JSON', 'broken.json', '{', 2],
  ['does not load', 'broken.ts', 'throw new Error("no")', 5],
  ['exports no sample type', 'other.ts', 'export const a = 1', 5],
  ['exports several', 'two.ts', `${MODULE}export const Other = defineSample('Other', { label: str() })`, 2],
])('a file that %s is refused', async (_, name, content, code) => {
  await using desk = await openDesk()
  if (content !== '') await desk.dir.write(name, content)
  const ended = await desk.shardex(['schema', 'publish', name])
  expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(name) })
  expect((await desk.shardex(['schema', 'ls'])).stdout).toBe('')
})

test('a schema that is not there exits with 3', async () => {
  await using desk = await openDesk()
  await desk.json(['doctor'])
  for (const ref of ['Nope', 'Nope@1.0.0', 'local://schemas/Nope@1.0.0']) {
    expect(await desk.shardex(['schema', 'show', ref])).toMatchObject({ code: 3, stderr: expect.stringContaining('schema ls') })
  }
})

function recordOf(field: string): string {
  const fields = [{ name: field, fieldType: { $type: 'local#primitive', primitive: 'int' }, optional: false }]
  return JSON.stringify({ name: 'Row', version: '1.0.0', fields, description: null })
}
