import { randomUUID } from 'node:crypto'
import { type ObjectStore, openFileStore, openS3Store } from '@shardex/storage'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { formatDuration } from '../output/units.ts'
import { type Check, failed } from './check.ts'

/** Signatures of S3 are refused beyond a quarter of an hour. */
const CLOCK_FAIL_MS = 15 * 60_000
const CLOCK_WARN_MS = 60_000

/** Can we write, read and delete there, and does it agree on the time? */
export async function checkStore({ config, signal }: Context): Promise<Check[]> {
  const started = performance.now()
  try {
    await using store = await open(config)
    const modifiedAtMs = await probe(store, signal)
    const found = `${store.rootUrl} is writable (probe written, read and deleted in ${formatDuration(performance.now() - started)})`
    return [
      { name: 'store', status: 'ok', found },
      ...(modifiedAtMs === undefined ? [] : [clockCheck(Date.now() - modifiedAtMs)]),
    ]
  } catch (error) {
    const next =
      config.store.kind === 's3'
        ? 'check --s3, AWS_ENDPOINT and the keys; the bucket must exist'
        : 'may this user write there? --root names another directory'
    return [failed('store', error, next)]
  }
}

function open({ store }: Config): Promise<ObjectStore> {
  if (store.kind === 'disk') return openFileStore(store.root)
  return openS3Store({
    bucket: store.bucket,
    credentials: store.credentials,
    ...(store.prefix !== '' && { prefix: store.prefix }),
  })
}

/** @returns when the store thinks the probe was written */
async function probe(store: ObjectStore, signal: AbortSignal): Promise<number | undefined> {
  const key = `probe--${randomUUID()}`
  await store.put(key, Buffer.from('shardex doctor'), { signal })
  try {
    return (await store.head(key, { signal }))?.modifiedAtMs
  } finally {
    await store.delete(key)
  }
}

function clockCheck(aheadMs: number): Check {
  const distance = Math.abs(aheadMs)
  if (distance < CLOCK_WARN_MS) return { name: 'clock', status: 'ok', found: 'this machine and the store agree' }
  return {
    name: 'clock',
    status: distance < CLOCK_FAIL_MS ? 'warn' : 'fail',
    found: `this machine is ${formatDuration(distance)} ${aheadMs > 0 ? 'ahead of' : 'behind'} the store`,
    next: 'set the clock of this machine, best by NTP',
  }
}
