import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type FoundFile, foundAs } from './find-file.ts'
import { changed, isMissing, storageErrorOf } from './fs-error.ts'

/** A file that may be read from. */
interface OpenFile {
  readonly handle: FileHandle
  readonly found: FoundFile
  readers: number
  /** When the last reader left. */
  idleSinceMs: number
}

/** So many files without a reader stay open, and for so long: who reads parts of files comes back to them soon. */
const MAX_IDLE = 256
const IDLE_MS = 1000

/** The files of a store that are open for reading: each once, whoever reads it, and a little longer than it is read. */
export class OpenFiles implements AsyncDisposable {
  /** By path; the one that was left first comes first. */
  readonly #files = new Map<string, OpenFile>()
  readonly #closing = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #isEnded = false

  /** What is known of the file at a path, if it is open; it may have been replaced since. */
  known(path: string): FoundFile | undefined {
    return this.#files.get(path)?.found
  }

  /** @throws `storage.corrupt` if the file is not the one that was found any more */
  async borrow(found: FoundFile): Promise<OpenFile> {
    const file = this.#same(found) ?? this.#add(found, await openFound(found))
    file.readers += 1
    return file
  }

  giveBack(file: OpenFile): void {
    file.readers -= 1
    if (file.readers > 0) return
    const { path } = file.found
    if (this.#isEnded || this.#files.get(path) !== file) {
      this.#close(file)
      return
    }
    file.idleSinceMs = performance.now()
    this.#files.delete(path)
    this.#files.set(path, file)
    this.#timer ??= setTimeout(() => this.#closeIdle(), IDLE_MS).unref()
    if (this.#files.size > MAX_IDLE) this.#closeIdle()
  }

  /** Let go of the file at a path, so that its space is free when it is deleted. */
  forget(path: string): void {
    const file = this.#files.get(path)
    this.#files.delete(path)
    if (file?.readers === 0) this.#close(file)
  }

  /** Files that are being read stay open until they have been. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true
    clearTimeout(this.#timer)
    for (const path of this.#files.keys()) this.forget(path)
    await Promise.all(this.#closing)
  }

  #same({ path, mark }: FoundFile): OpenFile | undefined {
    const file = this.#files.get(path)
    return file?.found.mark === mark ? file : undefined
  }

  #add(found: FoundFile, handle: FileHandle): OpenFile {
    const file = { handle, found, readers: 0, idleSinceMs: 0 }
    const another = this.#same(found) // opened meanwhile
    if (another !== undefined) {
      this.#close(file)
      return another
    }
    this.forget(found.path)
    if (!this.#isEnded) this.#files.set(found.path, file)
    return file
  }

  #closeIdle(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const oldestMs = performance.now() - IDLE_MS
    let surplus = this.#files.size - MAX_IDLE
    for (const [path, { readers, idleSinceMs }] of this.#files) {
      if (readers > 0) continue
      if (surplus <= 0 && idleSinceMs > oldestMs) {
        this.#timer = setTimeout(() => this.#closeIdle(), idleSinceMs - oldestMs).unref()
        return
      }
      this.forget(path)
      surplus -= 1
    }
  }

  #close({ handle }: OpenFile): void {
    const closing = handle.close().catch(() => {}) // nothing was written
    this.#closing.add(closing)
    void closing.then(() => this.#closing.delete(closing))
  }
}

async function openFound(found: FoundFile): Promise<FileHandle> {
  const { realPath, head } = found
  let handle: FileHandle
  try {
    handle = await open(realPath, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if (isMissing(error)) throw changed(realPath, 'no file', 'the file that was there before')
    throw storageErrorOf(error, realPath)
  }
  const now = foundAs(found, await handle.stat({ bigint: true }))
  if (now.mark === found.mark) return handle
  await handle.close()
  throw changed(realPath, `${now.head.sizeBytes} bytes, replaced or rewritten`, `${head.sizeBytes} bytes, unchanged`)
}
