import { mkdir, readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { describeS3, freePorts } from '../../../../test/services/index.ts'
import { type Desk, describeDesks, openDesk } from './desk.ts'

describeDesks('an insert of what cannot be', (open) => {
  test.each([
    ['a folder that is not there', ['nowhere'], 3, 'there is no'],
    ['labels that are not there', ['twins', '--labels', 'nope.csv'], 3, 'there is no'],
    ['labels that are a folder', ['twins', '--labels', 'empty'], 5, 'a folder'],
    ['an empty folder', ['empty'], 2, 'empty'],
    ['two files of one key', ['twins'], 5, 'one'],
    ['a row that breaks off', ['broken.jsonl'], 5, 'broken.jsonl'],
  ])('%s: one clear error, and nothing is left', async (_, paths, code, advice) => {
    await using desk = await open()
    await mkdir(`${desk.dir.path}/empty`)
    await desk.dir.write('twins/one.png', PNG)
    await desk.dir.write('twins/one.jpg', JPEG)
    await desk.dir.write('broken.jsonl', '{"id": 1}\n{"id": ')
    await assertRefused(desk, [...paths, '--name', 'x'], code, advice)
  })

  test.each([
    ['a "/"', 'a/b'],
    ['a control character', 'a\u0007b'],
    ['an "@"', 'a@b'],
    ['nothing', ''],
    ['a path', '..'],
    ['too much', 'a'.repeat(201)],
  ])('a name with %s', async (_, name) => {
    await using desk = await open()
    await desk.dir.write('rows.jsonl', '{"id":1}')
    await assertRefused(desk, ['rows.jsonl', `--name=${name}`], 2, 'cannot be a dataset name')
  })

  test('a source that stops half way', async () => {
    await using desk = await open()
    await desk.dir.write(
      'rows.jsonl',
      Array.from({ length: 5000 }, (_, id) => `{"id":${id},"text":"${'x'.repeat(500)}"}`).join('\n'),
    )
    const stop = new AbortController()
    const options = { signal: stop.signal, tty: true }
    const ended = desk.shardex(['insert', 'rows.jsonl', '--name', 'x', '--maxcount', '500'], options)
    stop.abort(new DOMException('stopped', 'AbortError'))
    expect(await ended).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('shardex: stopped') })
    expect(await desk.objects()).toEqual([])
  })
})

describe('a registry that is away', () => {
  test('is told within seconds, before the source is read', async () => {
    await using desk = await openDesk()
    await desk.dir.write('rows.jsonl', '{"id":1}')
    const [port] = await freePorts(1)
    const url = `redis://:hunter2@127.0.0.1:${port}`
    const ended = await desk.shardex(['insert', 'rows.jsonl', '--name', 'x', '--redis', url])
    expect(ended).toMatchObject({ code: 7, stdout: '', stderr: expect.stringMatching(/^shardex: .*ECONNREFUSED.*\n$/) })
    expect(ended.stderr).not.toContain('hunter2')
    expect(await desk.objects()).toEqual([])
  })

  test('a database file that is none is told, and left as it is', async () => {
    await using desk = await openDesk()
    const file = await desk.dir.write('index.db', 'these are the notes of my holidays, '.repeat(100))
    expect(await desk.shardex(['ls', '--db', file])).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining(file) })
  })
})

describeS3('a store that refuses', (server) => {
  const env = {
    SHARDEX_S3: 'shardex-no-such-bucket',
    AWS_ENDPOINT: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  }

  test('a missing bucket is named', async () => {
    await using desk = await openDesk()
    await desk.dir.write('rows.jsonl', '{"id":1}')
    const ended = await desk.shardex(['insert', 'rows.jsonl', '--name', 'x'], { env })
    expect(ended).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('shardex-no-such-bucket') })
    expect(await desk.json(['ls', '--all'])).toEqual([])
  })

  test('wrong credentials are called so, and not repeated', async () => {
    await using desk = await openDesk()
    await desk.dir.write('rows.jsonl', '{"id":1}')
    const wrong = { ...env, AWS_SECRET_ACCESS_KEY: 'not-the-secret' }
    const ended = await desk.shardex(['insert', 'rows.jsonl', '--name', 'x'], { env: wrong })
    expect(ended).toMatchObject({ code: 6, stdout: '' })
    expect(ended.stderr).not.toContain('not-the-secret')
    expect(await desk.json(['ls', '--all'])).toEqual([])
  })

  test('a store that does not let us in is not called damaged', async () => {
    await using desk = await openDesk()
    await desk.dir.write('rows.jsonl', '{"id":1}')
    await desk.json(['insert', 'rows.jsonl', '--name', 'x'])
    const credentials = await desk.dir.write(
      'wrong.env',
      'AWS_ENDPOINT=http://127.0.0.1:1\nAWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=b\n',
    )
    expect(await desk.shardex(['verify', 'x', '--s3', 'some-bucket', '--s3-credentials', credentials])).toMatchObject({ code: 0 })
    expect(await desk.shardex(['ls', '--s3', 'some-bucket', '--s3-credentials', 'no-such.env'])).toMatchObject({ code: 2 })
  })
})

/** The insert fails with this code and advice on one line, and neither registry nor store knows of it. */
async function assertRefused(desk: Desk, args: readonly string[], code: number, advice: string): Promise<void> {
  const ended = await desk.shardex(['insert', ...args, '--json'])
  expect(ended).toMatchObject({ code, stdout: '' })
  expect((JSON.parse(ended.stderr) as { error: { message: string } }).error.message).toContain(advice)
  expect(await desk.objects()).toEqual([])
  expect((await desk.shardex(['ls', '--all', '--json'])).stdout).toMatch(/^(?:\[\]\n)?$/)
  const left = await readdir(`${desk.dir.path}/home`, { recursive: true }).catch(() => [])
  expect(left.filter((name) => !name.startsWith('index.db') && name !== 'data')).toEqual([])
}

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const JPEG = Buffer.from('ffd8ffe000104a464946', 'hex')
