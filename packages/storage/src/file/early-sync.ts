import type { FileHandle } from 'node:fs/promises'

/** With so many bytes written, what the disk has not yet is sent there. */
const EVERY_BYTES = 32 * 2 ** 20

/** Of the whole process, because each takes one of the four threads that read and write files. */
let isRunning = false

/**
 * Sends what is written to the disk while more is coming, so that the sync at the end finds little to do: systems begin by themselves only
 * when gigabytes are waiting.
 */
export class EarlySync {
  readonly #handle: Pick<FileHandle, 'datasync'>
  #waitingBytes = 0
  #running: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(handle: Pick<FileHandle, 'datasync'>) {
    this.#handle = handle
  }

  /** @throws what a sync before has failed with: a system tells that once, and a later one would seem to go well */
  wrote(bytes: number): void {
    if (this.#failure !== undefined) throw this.#failure.error
    this.#waitingBytes += bytes
    if (this.#waitingBytes < EVERY_BYTES || isRunning) return
    this.#waitingBytes = 0
    isRunning = true
    this.#running = this.#handle
      .datasync()
      .catch((error: unknown) => {
        this.#failure = { error }
      })
      .finally(() => {
        isRunning = false
      })
  }

  /** When nothing is on its way any more; a file that is closed before waits for it too. @throws as {@link wrote} */
  async end(): Promise<void> {
    await this.#running
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
