import { afterAll, beforeAll, expect, test } from 'vitest'
import { describePds, describeS3, freshBucket, type OwnPds, startPds } from '../../../../test/services/index.ts'
import { type Desk, type Ended, openDesk, openServerDesk } from './desk.ts'

await describePds('promote and unpromote from the command line', () => {
  let pds: OwnPds
  let desk: Desk
  beforeAll(async () => {
    ;[pds, desk] = await Promise.all([startPds(), openDesk()])
    await pds.createAccount('alice.test', 'hunter22')
    await desk.dir.write(
      'rows.jsonl',
      Array.from({ length: 30 }, (_, id) => JSON.stringify({ id, text: `row ${id}` })).join('\n'),
    )
    await desk.json([
      'insert',
      'rows.jsonl',
      '--name',
      'rows',
      '--maxcount',
      '10',
      '--version',
      '1.0',
      '--metadata',
      'source=a scanner',
    ])
    await run(['login', 'alice.test', '--app-password-stdin'], { answer: 'hunter22\n' })
  })
  afterAll(async () => {
    await desk?.[Symbol.asyncDispose]()
    await pds?.[Symbol.asyncDispose]()
  })

  const run = (
    argv: readonly string[],
    options: { answer?: string; tty?: boolean; env?: Record<string, string> } = {},
  ): Promise<Ended> => desk.shardex(argv, { ...options, env: { ...env(), ...options.env } })
  const env = (): Record<string, string> => ({
    XDG_CONFIG_HOME: `${desk.dir.path}/config`,
    SHARDEX_PLC_URL: pds.plcUrl,
    SHARDEX_HANDLE_RESOLVER: pds.url,
    SHARDEX_ALLOW_PRIVATE: '1',
  })

  test('what is promoted is found and verified by whoever knows its URI, and promoting again changes nothing', async () => {
    const argv = [
      'promote',
      'rows',
      '--to',
      'alice.test',
      '--license',
      'CC0-1.0',
      '--tag',
      'text',
      '--tag',
      'rows',
      '--description',
      'Thirty rows',
    ]
    const first = await run([...argv, '--json'])
    expect(first).toMatchObject({ code: 0, stderr: '' })
    const published = JSON.parse(first.stdout) as { uri: string; sentBytes: number }
    expect(published).toMatchObject({ name: 'rows', handle: 'alice.test', schema: 'created', entry: 'created', label: 'created' })
    expect(published.sentBytes).toBeGreaterThan(0)

    const elsewhere = { env: { SHARDEX_HOME: `${desk.dir.path}/nowhere` } }
    const verified = await run(['verify', published.uri, '--json'], elsewhere)
    expect(JSON.parse(verified.stdout)).toMatchObject([{ ok: true, shards: [{ samples: 10 }, { samples: 10 }, { samples: 10 }] }])
    const head = await run(['head', 'alice.test/rows', '-n', '1', '--json'], elsewhere)
    expect(JSON.parse(head.stdout)).toMatchObject([{ id: 0, text: 'row 0' }])

    const again = await run(argv)
    expect(again.code).toBe(0)
    expect(again.stdout).toMatch(new RegExp(`uri +${published.uri}`))
    expect(again.stdout).toMatch(/entry +unchanged/)
    expect(again.stdout).toMatch(/shardex head alice.test\/rows$/m)
    expect(again.stdout).not.toMatch(/sent/)
  })

  test('a name@version is published with its version, and taken back alone', async () => {
    await desk.dir.write('two.jsonl', '{"left":1}\n{"left":2}')
    await desk.json(['insert', 'two.jsonl', '--name', 'two', '--version', '1.0'])
    expect((await run(['promote', 'two', '--as', 'staying'])).code).toBe(0)
    const first = await run(['promote', 'two@1.0', '--as', 'versioned', '--json'])
    expect(JSON.parse(first.stdout)).toMatchObject({ name: 'versioned', version: '1.0' })
    expect((await run(['show', '@alice.test/versioned@1.0'])).code).toBe(0)
    const back = await run(['unpromote', 'versioned@1.0', '--json'])
    expect((JSON.parse(back.stdout) as { deleted: string[] }).deleted).toHaveLength(2)
    expect((await run(['show', '@alice.test/versioned@1.0'])).code).toBe(3)
    expect((await run(['unpromote', 'versioned'])).stdout).toMatch(/has nothing of versioned/)
    expect((await run(['show', '@alice.test/staying'])).code).toBe(0)
  })

  test('--dry-run shows the records without any account, and exits like the refusal where something is wrong', async () => {
    const stranger = { env: { XDG_CONFIG_HOME: `${desk.dir.path}/nobody` } }
    const dry = await run(['promote', 'rows', '--dry-run'], stranger)
    expect(dry.code).toBe(0)
    expect(dry.stdout).toMatch(/^at:\/\/handle\.invalid\/science\.alt\.dataset\.schema\/RowsSample:1\.0\.0:[0-9a-f]{24}$/m)
    expect(dry.stdout).toMatch(/"metadata": \{\n +"source": "a scanner"\n/)
    expect(dry.stdout).toMatch(/"details": "\d+ bytes"/)
    expect(dry.stdout).toMatch(/Nothing was written/)
    const { records: drafts } = JSON.parse(
      (await run(['promote', 'rows', '--dry-run', '--to', 'alice.test', '--json'])).stdout,
    ) as {
      records: { uri: string }[]
    }
    const { schemaUri, uri, labelUri } = JSON.parse((await run(['promote', 'rows', '--json'])).stdout) as Record<string, string>
    expect(drafts.map((draft) => draft.uri)).toEqual([schemaUri, uri, labelUri])
    const wrong = await run(['promote', 'rows', '--dry-run', '--storage', 'urls', '--json'], stranger)
    expect(wrong.code).toBe(2)
    const { records, problems } = JSON.parse(wrong.stdout) as { records: unknown[]; problems: { code: string }[] }
    expect(records).toHaveLength(3)
    expect(problems.map(({ code }) => code)).toEqual(['url.local', 'url.local', 'url.local'])
  })

  test.each([
    [['promote', 'rows', '--storage', 'urls'], 2, /rows cannot be published as it is:[\s\S]*a path of this machine/],
    [['promote', 'rows', '--storage', 'ftp'], 2, /urls, s3 or blobs/],
    [['promote', 'nothing'], 3, /nothing/],
    [['promote', 'rows', '--to', 'bob.test'], 6, /shardex login bob\.test/],
    [['promote', 'rows', '--copy-credentials', '.env'], 2, /--copy-to BUCKET/],
    [['promote', 'rows', '--copy-to', 'b', '--storage', 'blobs'], 2, /one of the two/],
  ])('%j is refused with exit %i', async (argv, exit, message) => {
    const { code, stderr } = await run(argv)
    expect(stderr).toMatch(message)
    expect(code).toBe(exit)
  })

  test('shows how far it is on a terminal', async () => {
    await desk.dir.write('others.jsonl', '{"id":1,"text":"another"}')
    await desk.json(['insert', 'others.jsonl', '--name', 'shown'])
    const { stderr } = await run(['promote', 'shown'], { tty: true })
    expect(stderr).toMatch(/shown .*upload/)
    expect((await run(['unpromote', 'shown'])).stdout).toMatch(/^deleted 3 records\nat:/)
  })

  describeS3('from a store on S3', (server) => {
    test('names the bucket and its server, or those of the copies', async () => {
      await using office = await openServerDesk(server)
      await using published = await freshBucket(server)
      await office.dir.write('rows.jsonl', '{"id":1}\n{"id":2}')
      await office.json(['insert', 'rows.jsonl', '--name', 'bucketed'])
      const shardex = (...argv: string[]) => office.shardex([...argv, '--json'], { env: env() })
      const uriOf = async (...argv: string[]): Promise<string> => {
        const { stdout, stderr } = await shardex('promote', 'bucketed', '--allow-private', ...argv)
        expect(stderr).toBe('')
        return (JSON.parse(stdout) as { uri: string }).uri
      }
      const storageOf = async (uri: string): Promise<unknown> => {
        const [, , repo = '', collection = '', rkey = ''] = uri.split('/')
        const query = new URLSearchParams({ repo, collection, rkey })
        const answer = await fetch(`${pds.url}/xrpc/com.atproto.repo.getRecord?${query}`)
        return ((await answer.json()) as { value: { storage: unknown } }).value.storage
      }
      const [object] = (await office.objects()).filter((url) => url.endsWith('.tar'))
      const [, , bucket, ...key] = object!.split('/')
      // What this machine may dial is not for the world, though SHARDEX_ALLOW_PRIVATE is set.
      const refused = await shardex('promote', 'bucketed', '--dry-run')
      expect(refused.code).toBe(2)
      expect((JSON.parse(refused.stdout) as { problems: { code: string }[] }).problems).toMatchObject([{ code: 'url.private' }])
      const uri = await uriOf()
      expect(await storageOf(uri)).toMatchObject({ bucket, endpoint: server.endpoint, shards: [{ key: key.join('/') }] })
      expect(await uriOf('--copy-to', published.name)).toBe(uri)
      expect(await storageOf(uri)).toMatchObject({
        bucket: published.name,
        shards: [{ key: expect.stringMatching(/^promoted\/did:plc:[a-z2-7]+\/bucketed\/[0-9a-f]{64}\.tar$/) }],
      })
      // Buckets of tests are not public: the credentials of the desk read them.
      expect(await shardex('verify', uri)).toMatchObject({ code: 0 })
    })
  })
})
