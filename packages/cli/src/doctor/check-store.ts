import { randomBytes, randomUUID } from 'node:crypto'
import { ShardexError } from '@shardex/errors'
import { type ObjectStore, openFileStore, openS3Store } from '@shardex/storage'
import { collect } from '../collect.ts'
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
    const modifiedAtMs = await probeStore(store, signal)
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

/**
 * @returns when the store thinks the probe was written
 * @throws {ShardexError} `storage.corrupt` if it does not come back as it was written
 */
export async function probeStore(store: ObjectStore, signal: AbortSignal): Promise<number | undefined> {
  const key = `probe--${randomUUID()}`
  // Bytes that no cache and no earlier probe can know.
  const written = randomBytes(1024)
  await store.put(key, written, { signal })
  try {
    const body = await store.get(key, { signal })
    if (body?.lengthBytes !== written.length) throw notAsWritten(store.urlOf(key), body?.lengthBytes ?? 0, written.length)
    const read = Buffer.concat(await collect(body.chunks))
    if (!read.equals(written)) throw notAsWritten(store.urlOf(key), `${read.length} other`, written.length)
    return body.modifiedAtMs
  } finally {
    await store.delete(key)
  }
}

function notAsWritten(url: string, readBytes: number | string, writtenBytes: number): ShardexError {
  const [found, wanted] = [`${readBytes} bytes`, `the ${writtenBytes} that were written`]
  const message = `${url} did not come back as it was written: found ${found}, wanted ${wanted}; trust this store with nothing`
  return new ShardexError('storage.corrupt', { url, found, wanted }, { message })
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
