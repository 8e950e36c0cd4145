import { open } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { EarlySync } from '../src/file/early-sync.ts'

const MIB = 2 ** 20

test('every 32 MiB are synced while more comes, one sync at a time', async () => {
  await using dir = await tempDir()
  await using file = await open(dir.file('file'), 'w')
  let [begun, running, most] = [0, 0, 0]
  const sync = new EarlySync({
    async datasync() {
      begun += 1
      running += 1
      most = Math.max(most, running)
      await file.datasync()
      running -= 1
    },
  })
  sync.wrote(31 * MIB)
  expect(begun).toBe(0)
  sync.wrote(MIB)
  expect(begun).toBe(1)
  sync.wrote(100 * MIB)
  await sync.end()
  expect([begun, running]).toEqual([1, 0])
  sync.wrote(MIB)
  await sync.end()
  expect([begun, running, most]).toEqual([2, 0, 1])
})

test('one file is synced at a time in all the process, and the others go on', async () => {
  const first = Promise.withResolvers<void>()
  let begun = 0
  const syncing = (done: Promise<void>): EarlySync => {
    const datasync = async () => {
      begun += 1
      await done
    }
    return new EarlySync({ datasync })
  }
  const [one, other] = [syncing(first.promise), syncing(Promise.resolve())]
  one.wrote(40 * MIB)
  other.wrote(40 * MIB)
  expect(begun).toBe(1)
  first.resolve()
  await one.end()
  other.wrote(1)
  await other.end()
  expect(begun).toBe(2)
})

test.runIf(process.platform === 'linux')('what a sync failed with is told by the next write and at the end', async () => {
  await using device = await open('/dev/null', 'w') // which cannot be synced
  const sync = new EarlySync(device)
  sync.wrote(32 * MIB)
  await expect(sync.end()).rejects.toThrow('EINVAL')
  expect(() => sync.wrote(1)).toThrow('EINVAL')
  await expect(sync.end()).rejects.toThrow('EINVAL')
})
