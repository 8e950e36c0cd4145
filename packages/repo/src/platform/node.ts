/**
 * What the reading half needs of the place where it runs, here Node. `web.ts` gives the same in a browser: package.json says under
 * `imports` which of the two `#platform` is.
 */
import { createHash } from 'node:crypto'
import zlib from 'node:zlib'
import type { CallOptions } from '@shardex/storage'
import { openSpool } from '../spool/open-spool.ts'
import type { Aside, RunningSha256 } from './platform.ts'

export { sha256 } from './node-sha256.ts'

/** As zlib computes it. */
export const crc32: (bytes: Uint8Array | string) => number = zlib.crc32

/** Reads the text of any part of some UTF-8. */
export function textIn(utf8: Uint8Array): (start: number, end: number) => string {
  const bytes = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.length)
  return (start, end) => bytes.toString('utf8', start, end)
}

export function runningSha256(): RunningSha256 {
  const running = createHash('sha256')
  return {
    update(bytes) {
      running.update(bytes)
    },
    digest: () => running.digest(),
  }
}

/** Put bytes aside that may be more than memory holds: in a file in the folder for temporary ones. */
export async function putAside(chunks: AsyncIterable<Uint8Array>, { signal }: CallOptions): Promise<Aside> {
  await using opened = new AsyncDisposableStack()
  const { store } = opened.use(await openSpool())
  await store.put('copy', chunks, { signal })
  const copy = await store.get('copy', { signal })
  if (copy === undefined) throw new TypeError(`the temporary file ${store.urlOf('copy')} vanished`)
  const place = opened.move()
  return { chunks: copy.chunks, [Symbol.asyncDispose]: () => place.disposeAsync() }
}

/** Tell whoever runs the program. */
export function warn(message: string, code: string): void {
  process.emitWarning(message, { type: 'ShardexDamage', code })
}
