import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalIndex } from '@shardex/index'
import { expect, test } from 'vitest'
import { describeDesks, openDesk } from './desk.ts'

/** Rows of JSON; the one at `twin` has the key of the one before, which comes out when they are written. */
const rows = (count: number, twin?: number) =>
  Array.from({ length: count }, (_, i) => JSON.stringify({ __key__: `r${i === twin ? i - 1 : i}`, text: `row ${i}` })).join('\n')

describeDesks('inserting in parts', (open) => {
  test('--resume goes on where the same command was interrupted, and only there', async () => {
    await using desk = await open()
    const file = join(desk.dir.path, 'rows.jsonl')
    await writeFile(file, rows(45, 33))
    const command = ['insert', file, '--name', 'rows', '--maxcount', '10']
    expect((await desk.shardex(command)).code).not.toBe(0)
    expect(await desk.objects()).toEqual([])

    const interrupted = await desk.shardex([...command, '--resume'])
    expect([interrupted.code, interrupted.stderr]).toEqual([
      5,
      expect.stringMatching(/^the same command goes on after the \d shards? kept; after 7 days .*gc.*$/m),
    ])
    const stored = await desk.objects()
    expect(stored.length).toBeGreaterThan(2)
    await writeFile(file, rows(45))
    const { stderr } = await desk.shardex(['insert', file, '--name', 'rows', '--maxcount', '9', '--resume'])
    expect(stderr).not.toContain('going on')
    expect(stderr).toMatch(/unfinished insert of this name with other options .*\(\d shards?\); this one begins anew/)

    const resumed = await desk.shardex([...command, '--resume'])
    expect(resumed.code).toBe(0)
    expect(resumed.stderr).toMatch(/going on with what was interrupted: \d shards? stored/)
    expect(await desk.objects()).toEqual(expect.arrayContaining(stored))
    expect(await desk.json(['verify', 'rows', '--deep'])).toMatchObject([{ ok: true }])
    expect(await desk.json([...command, '--resume'])).toMatchObject({ resumed: false, revision: 3 })
  })

  test('of two that begin the same insert at once, one works and one is told; the same again later is a new one', async () => {
    await using desk = await open()
    const file = join(desk.dir.path, 'rows.jsonl')
    await writeFile(file, rows(2000))
    const command = ['insert', file, '--name', 'rows', '--maxcount', '100', '--layout', 'content', '--resume']
    const ended = await Promise.all([desk.shardex(command), desk.shardex(command)])
    const told = ended.filter(({ code }) => code !== 0)
    for (const { code, stderr } of told) {
      expect([code, stderr]).toEqual([
        4,
        expect.stringMatching(/insert of "rows".*another process|another process.*insert of "rows"/),
      ])
      expect(stderr).not.toContain('going on')
    }
    expect(await desk.json(['show', 'rows'])).toMatchObject({ revision: 1 })
    await writeFile(file, rows(2001))
    expect(await desk.json(command)).toMatchObject({ revision: 2, sampleCount: 2001 })
    await desk.json(command)
    await writeFile(file, rows(2002))
    expect(await desk.json(command)).toMatchObject({ revision: 3, sampleCount: 2002 })
  })

  test('who stops an insert is told what is left of it, and the same command goes on', async () => {
    await using desk = await open()
    const file = join(desk.dir.path, 'rows.jsonl')
    await writeFile(file, rows(30_000))
    const command = ['insert', file, '--name', 'rows', '--maxcount', '100']
    const stopped = async (argv: readonly string[]) => {
      const stop = new AbortController()
      const ended = desk.shardex(argv, { signal: stop.signal })
      let isOver = false
      void ended.finally(() => {
        isOver = true
      })
      while (!isOver && (await desk.objects()).length < 6) await new Promise(setImmediate)
      stop.abort(new DOMException('stopped', 'AbortError'))
      return await ended
    }
    expect(await stopped(command)).toMatchObject({ code: 130, stderr: expect.stringMatching(/stopped; nothing is left\n$/) })
    const { code, stderr } = await stopped([...command, '--resume'])
    expect([code, stderr]).toEqual([
      130,
      expect.stringMatching(/stopped; the same command goes on after the [\d,]+ shards? kept; after 7 days .*gc.*\n$/),
    ])
    expect((await desk.shardex([...command, '--resume'])).stderr).toContain('going on with what was interrupted')
  })

  test('--resume tells that the source has changed', async () => {
    await using desk = await open()
    const file = join(desk.dir.path, 'rows.jsonl')
    const command = ['insert', file, '--name', 'rows', '--maxcount', '10', '--resume']
    await writeFile(file, rows(45, 33))
    await desk.shardex(command)
    await writeFile(file, rows(45).replace('row 3"', 'another"'))
    const { code, stderr } = await desk.shardex(command)
    expect([code, stderr]).toEqual([
      5,
      expect.stringMatching(/samples are not those with which the insert of "rows" began.* without --resume/),
    ])
    expect(stderr).not.toContain('ingestId')
  })

  test('--layout content sends little more than the row that was put in near the front, and sequence numbers rows', async () => {
    await using desk = await open()
    const lines = Array.from({ length: 1000 }, (_, i) => JSON.stringify({ text: `row ${i} `.repeat(20) }))
    const file = await desk.dir.write('rows.jsonl', lines.join('\n'))
    const command = ['insert', file, '--maxcount', '100', '--layout', 'content', '--name', 'rows']
    const first = (await desk.json(command)) as { sentBytes: number; dataUrls: string[] }
    await writeFile(file, lines.toSpliced(3, 0, '{"text":"another"}').join('\n'))
    const second = (await desk.json(command)) as { sentBytes: number; dataUrls: string[] }
    expect(second.sentBytes).toBeLessThan(first.sentBytes / 5)
    expect(second.dataUrls.filter((url) => !first.dataUrls.includes(url)).length).toBeLessThan(4)

    await desk.json(['insert', file, '--name', 'numbered'])
    expect(await desk.json(['head', 'numbered', '-n', '1', '--offset', '1000'])).toMatchObject([{ __key__: '000001000' }])
  })

  test('--layout content sends only what is not there, and --mirror is kept with the entry', async () => {
    await using desk = await open()
    const file = join(desk.dir.path, 'rows.jsonl')
    await writeFile(file, rows(100))
    const mirror = 'https://mirror.example/rows/'
    const command = ['insert', file, '--layout', 'content', '--mirror', mirror, '--name']
    expect(await desk.json([...command, 'one'])).toMatchObject({ sampleCount: 100, sentBytes: expect.any(Number) })
    expect(await desk.json([...command, 'two'])).toMatchObject({ sampleCount: 100, sentBytes: 0 })
    expect((await desk.shardex([...command, 'three'])).stdout).toMatch(/sent +0 B; the rest was there already/)
    expect(await desk.json(['show', 'two'])).toMatchObject({ metadata: { mirrors: [mirror] } })
    expect((await desk.shardex(['insert', file, '--name', 'x', '--layout', 'other'])).stderr).toMatch(/sequence or content/)
  })
})

test('a mirror that is not there yet is told, and kept all the same', async () => {
  await using desk = await openDesk()
  await desk.dir.write('rows.jsonl', rows(2))
  const command = ['insert', 'rows.jsonl', '--name', 'rows', '--mirror', './mirror']
  expect((await desk.shardex(command)).stderr).toContain(`there is no folder ${desk.dir.path}/mirror yet`)
  await desk.dir.write('mirror/file', '')
  expect((await desk.shardex(command)).stderr).not.toContain('no folder')
})

test('who comes while another process goes on with the insert is told so, and not that he goes on', async () => {
  await using desk = await openDesk()
  await desk.dir.write('rows.jsonl', rows(45, 33))
  const command = ['insert', 'rows.jsonl', '--name', 'rows', '--maxcount', '10', '--resume']
  await desk.shardex(command)
  await using index = new LocalIndex({ path: join(desk.dir.path, 'home/index.db') })
  const [journal] = await index.ingests.openFor('rows')
  const lease = { owner: 'another', leaseMs: 60_000 }
  await index.ingests.begin(journal!, lease)

  const ended = desk.shardex(command)
  const isOver = ended.then(() => true)
  while (!(await Promise.race([isOver, new Promise((resolve) => setImmediate(resolve, false))])))
    await index.ingests.renew(journal!.id, lease)

  const { code, stderr } = await ended
  expect([code, stderr]).toEqual([4, expect.stringMatching(/another process is working on the insert of "rows"/)])
  expect(stderr).not.toContain('going on')
})
