import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CacheOptions } from '@shardex/storage'
import type { Fetch } from '../identity/guarded-fetch.ts'

export interface BlobCache extends AsyncDisposable {
  readonly options: CacheOptions
}

/** For the blobs of one dataset at a time; what is more is fetched again. */
const TEMPORARY_BYTES = 8 * 2 ** 30
/** As spools are called: what a killed process has left is swept like those, and what a living one uses is not. */
const PREFIX = `shardex-spool-${process.pid}-`

/**
 * A PDS gives blobs only whole, so whoever reads a part of one keeps all of it.
 * @param cache the user's; by default a folder for temporary files that goes away with this
 */
export function openBlobCache(cache: CacheOptions | undefined): BlobCache {
  const dir = join(tmpdir(), PREFIX + randomUUID())
  return {
    options: { ...(cache ?? { dir, maxBytes: TEMPORARY_BYTES }), fillAfter: 0 },
    async [Symbol.asyncDispose]() {
      if (cache === undefined) await rm(dir, { recursive: true, force: true })
    },
  }
}

const GET_BLOB = '/xrpc/com.atproto.sync.getBlob'

/** A PDS says of blobs that it does not have that the request was wrong. Ours are not: what is wrong is that they are not there. */
export function blobFetch(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (response.status !== 400 || !String(input instanceof Request ? input.url : input).includes(GET_BLOB)) return response
    await response.body?.cancel()
    return new Response(null, { status: 404 })
  }
}
