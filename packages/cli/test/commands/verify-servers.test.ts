import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { describeS3 } from '../../../../test/services/index.ts'
import { faultProxy } from '../../../storage/test/fault-proxy.ts'
import { type Desk, openServerDesk } from './desk.ts'
import { damage, insertShards } from './shards.ts'

const BIN = fileURLToPath(new URL('../../src/bin.ts', import.meta.url))
const COMMAND = ['verify', 'rows', '--deep', '--parallel', '1', '--report', 'report.jsonl']

/** A process that is killed as soon as it has asked for what nobody answers. */
async function killedWhen(desk: Desk, endpoint: string, isReached: () => boolean): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=@shardex/source', BIN, ...COMMAND], {
    cwd: desk.dir.path,
    env: { PATH: process.env['PATH'] ?? '', ...desk.env, AWS_ENDPOINT: endpoint },
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  while (child.exitCode === null && !isReached()) await new Promise(setImmediate)
  child.kill('SIGKILL')
  expect((await ended)[1]).toBe('SIGKILL')
}

describeS3('Verifying', (server) => {
  test('after a kill goes on after the last shard that it has reported, although its last line is torn', async () => {
    await using desk = await openServerDesk(server)
    const names = (await insertShards(desk)).map((url) => basename(url))
    const isOf = (name: string) => (request: string | undefined) => request?.split('?')[0]?.includes(`${name}`) === true
    await using stalling = await faultProxy(server.endpoint, ({ method, url }) =>
      method === 'GET' && isOf(names[3]!)(url) ? { stallAfter: -1 } : undefined,
    )
    await killedWhen(desk, stalling.url, () => stalling.requests.some(isOf(names[3]!)))
    const report = `${desk.dir.path}/report.jsonl`
    const lines = (await readFile(report, 'utf8')).split('\n')
    expect(lines.slice(0, -1).map((line) => JSON.parse(line))).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
    await appendFile(report, lines[0]!.slice(0, 90))

    await using counting = await faultProxy(server.endpoint, () => undefined)
    const { code, stdout } = await desk.shardex(COMMAND, { env: { AWS_ENDPOINT: counting.url } })

    expect(code).toBe(0)
    expect(stdout).toContain('2 shards checked, 3 skipped, 0 damaged')
    expect(names.map((name) => counting.requests.some(isOf(name)))).toEqual([false, false, false, true, true])
    const whole = (await readFile(report, 'utf8')).trimEnd().split('\n')
    expect(whole.map((line) => basename(JSON.parse(line).shard))).toEqual(names)
  })

  test('by the checksum of the store reads no shard but one that was replaced behind its back, and sees it', async () => {
    await using desk = await openServerDesk(server)
    const urls = await insertShards(desk)
    const names = urls.map((url) => basename(url))
    await using counting = await faultProxy(server.endpoint, () => undefined)
    const { stdout } = await desk.shardex(['verify', 'rows', '--json'], { env: { AWS_ENDPOINT: counting.url } })
    expect(JSON.parse(stdout)[0].shards.map(({ proof }: { proof: string }) => proof)).toEqual(names.map(() => 'store'))
    const gets = counting.requests.filter((request) => request.startsWith('GET ')).map((request) => request.split('?')[0]!)
    expect(gets.map((path) => basename(path)).sort()).toEqual(names.map((name) => `${name}.idx`).sort())
    await damage(desk, urls[1]!)
    const [{ shards }] = JSON.parse((await desk.shardex(['verify', 'rows', '--json'])).stdout)
    expect(shards).toMatchObject(names.map((_, i) => (i === 1 ? { ok: false, proof: 'sha256' } : { ok: true, proof: 'store' })))
  })
})
