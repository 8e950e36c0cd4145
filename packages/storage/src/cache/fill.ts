import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { ShardexError } from '@shardex/errors'
import type { Span } from '../byte-range.ts'
import { nothingIfMissing } from '../file/fs-error.ts'
import type { CallOptions, ObjectBody } from '../object-store.ts'
import { abortable } from '../stoppable.ts'
import type { Reservation } from './directory.ts'
import { BlockCrcs, type Marks } from './footer.ts'

const CHUNK_BYTES = 2 ** 20

/** An object on its way into the cache. Readers follow it through the file that is being written. */
export class Fill {
  readonly body: ObjectBody
  /** Settles when the object is in the cache, with nothing, or with the reason why it is not. */
  readonly ended: Promise<unknown>
  readonly #reservation: Reservation
  #writtenBytes = 0
  #hasEnded = false
  #progress = Promise.withResolvers<void>()

  /** @param body it is read to its end whoever reads along */
  constructor(body: ObjectBody, sha256: string, marks: Marks, reservation: Reservation) {
    this.body = body
    this.#reservation = reservation
    this.ended = this.#run(sha256, marks).then(
      () => undefined,
      (reason: unknown) => reason,
    )
  }

  /** How much of the object is there already. */
  get writtenBytes(): number {
    return this.#writtenBytes
  }

  /** The bytes of a span as they arrive. It ends early if they do. */
  async *follow({ start, end }: Span, { signal }: CallOptions): AsyncGenerator<Uint8Array, void, void> {
    const opened = await open(this.#reservation.path).catch(nothingIfMissing)
    if (opened === undefined) return // it has another name by now, or none
    await using file = opened
    for (let position = start; position < end; ) {
      signal?.throwIfAborted()
      const size = Math.min(this.#writtenBytes - position, end - position, CHUNK_BYTES)
      if (size <= 0) {
        if (this.#hasEnded) return
        await abortable(this.#progress.promise, signal)
        continue
      }
      const chunk = Buffer.allocUnsafeSlow(size)
      const { bytesRead } = await file.read(chunk, 0, size, position)
      position += bytesRead
      yield chunk.subarray(0, bytesRead)
    }
  }

  async #run(sha256: string, marks: Marks): Promise<void> {
    const { sizeBytes } = this.body
    try {
      const hash = createHash('sha256')
      const crcs = new BlockCrcs()
      for await (const chunk of this.body.chunks) {
        await this.#write(chunk)
        hash.update(chunk)
        crcs.add(chunk)
      }
      const found = hash.digest('hex')
      if (found !== sha256) throw another(found, sha256)
      await this.#reservation.publish({ sizeBytes, crcs: crcs.end(), ...marks })
    } catch (error) {
      await this.#reservation.discard()
      throw error
    } finally {
      this.#hasEnded = true
      this.#progress.resolve()
    }
  }

  async #write(chunk: Uint8Array): Promise<void> {
    for (let written = 0; written < chunk.length; ) {
      const { bytesWritten } = await this.#reservation.file.write(chunk, written, chunk.length - written, this.#writtenBytes)
      written += bytesWritten
      this.#writtenBytes += bytesWritten
    }
    this.#progress.resolve()
    this.#progress = Promise.withResolvers()
  }
}

function another(found: string, wanted: string): ShardexError {
  const message = `an object with the SHA-256 ${found} was found where ${wanted} was expected; it is not kept in the cache`
  return new ShardexError('storage.corrupt', { url: wanted, found: `SHA-256 ${found}`, wanted: `SHA-256 ${wanted}` }, { message })
}
