import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { repairShard, verifyEntry } from '../src/index.ts'
import { flipped, httpMirror, insertMirrored, mirrorInStore } from './mirror.ts'
import { describeSettings, type Setting } from './settings.ts'

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function contents(setting: Setting): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const url of await setting.objects()) found.set(url, digest(await setting.read(url)))
  return found
}

describeSettings('Repairing a shard', (open) => {
  test('the right bytes come from the first mirror that has them, and the damaged ones are kept aside', async () => {
    await using setting = await open()
    await using bad = mirrorInStore(setting)
    await using good = await httpMirror()
    const entry = await insertMirrored(setting, [bad, good])
    const { url, sha256 } = entry.shards![0]!
    const damaged = await flipped(setting, url, 3)
    await bad.write(basename(url), damaged)
    await setting.overwrite(url, damaged)
    const before = await contents(setting)

    const repairs = await repairShard(entry, url, setting.store.storage)

    const quarantine = `${url}.quarantine-${digest(damaged).slice(0, 12)}`
    expect(repairs).toEqual([
      {
        url,
        from: good.url + basename(url),
        quarantine,
        refusals: [{ url: bad.url + basename(url), found: expect.stringContaining('is not what was written') }],
      },
    ])
    expect(await contents(setting)).toEqual(new Map([...before, [url, sha256], [quarantine, digest(damaged)]]))
    expect(await repairShard(entry, url, setting.store.storage)).toEqual([])
    for await (const { ok } of verifyEntry(entry, setting.store.storage, { depth: 'bytes' })) expect(ok).toBe(true)
  })

  test('a missing shard and a missing index are put back, with nothing to keep aside', async () => {
    await using setting = await open()
    await using mirror = mirrorInStore(setting)
    const entry = await insertMirrored(setting, [mirror])
    const before = await contents(setting)
    const { url } = entry.shards![1]!
    await setting.remove(url)
    await setting.remove(`${url}.idx`)
    const repairs = await repairShard(entry, url, setting.store.storage)
    expect(repairs).toEqual([url, `${url}.idx`].map((each) => ({ url: each, from: mirror.url + basename(each), refusals: [] })))
    expect(await contents(setting)).toEqual(before)
  })

  test('without a mirror that has it right nothing is touched, and each says why', async () => {
    await using setting = await open()
    await using empty = mirrorInStore(setting)
    const entry = await insertMirrored(setting, [])
    const { url } = entry.shards![0]!
    await setting.overwrite(url, await flipped(setting, url, 0))
    const before = await contents(setting)
    const listed = { ...entry, metadata: { mirrors: [empty.url] } }
    expect(await repairShard(listed, url, setting.store.storage)).toEqual([
      { url, refusals: [{ url: empty.url + basename(url), found: expect.stringContaining('is not there') }] },
    ])
    expect(await contents(setting)).toEqual(before)
  })

  test('a shard that the entry has not is refused', async () => {
    await using setting = await open()
    const entry = await insertMirrored(setting, [])
    const refused = repairShard(entry, `${setting.root}other.tar`, setting.store.storage)
    expect(await refused.catch((error: unknown) => error)).toMatchObject({ code: 'shard.not_found' })
  })
})
