import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink, utimes } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ShardexError } from '@shardex/errors'
import { nothingIfMissing } from '../file/fs-error.ts'
import { encodeFooter, type Footer, footerBytes, type Marks } from './footer.ts'
import { readFooter } from './read-cached.ts'

/** An object in the cache. */
export interface Cached {
  readonly path: string
  readonly footer: Footer
}

/** Room for an object that is on its way, in a file that nobody takes for the object. */
export interface Reservation {
  readonly path: string
  readonly file: FileHandle
  /** All bytes are written and proved: give the file its name. */
  publish(footer: Footer): Promise<void>
  discard(): Promise<void>
}

interface Stored {
  readonly name: string
  readonly sizeBytes: number
}

interface Filling extends Stored {
  readonly sha256: string
  /** When it began, as text that sorts so. */
  readonly turn: string
}

interface StoredObject extends Stored {
  readonly usedAtMs: number
}

interface Listing {
  readonly fillings: readonly Filling[]
  readonly objects: readonly StoredObject[]
}

const DIGEST = /^[0-9a-f]{64}$/
/** `filling-` digest, time of its beginning, random: of two that do not fit, or that fill the same object, the one that began first goes on. */
const FILLING = /^filling-([0-9a-f]{64})-([0-9a-f]{12}-[0-9a-f]{16})$/
/** Whoever fills a file writes to it more often; stores give up a silent connection earlier. A time so far ahead is of a clock that was wrong. */
const ABANDONED_MS = 120_000
/** How often a filling looks whether later ones have given way, and how long it waits in between. */
const LOOKS = 50
const LOOK_MS = 10
/** How exactly it is known when a file was used last. */
const TOUCH_MS = 30_000
/** Footers that are kept in memory, in bytes of objects: 16 MiB of CRCs. */
const KEPT_OBJECT_BYTES = 256 * 2 ** 30

export function isDigest(text: string): boolean {
  return DIGEST.test(text)
}

/**
 * A directory of files named by the SHA-256 of what they hold, which any number of processes use at once: `docs/decisions/0009-cache.md`. A file is written
 * under another name and renamed when it is whole, so what has the name is whole. Room is taken by making the file as large as it will be
 * before the sizes of all are added up: whoever adds up last sees all others, so together they never take more than there is. If all are too much, the
 * later ones go, and the earlier ones add up again.
 */
export class CacheDirectory {
  readonly #path: string
  readonly #maxBytes: number
  readonly #footers = new Map<string, Footer>()
  #footerObjectBytes = 0

  constructor(path: string, maxBytes: number) {
    this.#path = resolve(path)
    this.#maxBytes = maxBytes
  }

  pathOf(sha256: string): string {
    return join(this.#path, sha256)
  }

  /** @throws `storage.corrupt` for a file that was damaged, and is gone now; what the file system says */
  async find(sha256: string): Promise<Cached | undefined> {
    const path = this.pathOf(sha256)
    const stats = await statOf(path)
    if (stats === undefined) return undefined
    if (Date.now() - stats.mtimeMs > TOUCH_MS) await touch(path)
    const footer = this.#footers.get(sha256) ?? (await readFooter(path).catch(nothingIfMissing))
    if (footer === 'damaged') throw await this.dropDamaged(sha256)
    if (footer === undefined) return undefined
    this.#keep(sha256, footer)
    return { path, footer }
  }

  /** @returns what is to be told of it */
  async dropDamaged(sha256: string): Promise<ShardexError> {
    await this.#drop(sha256)
    const path = this.pathOf(sha256)
    const message = `the cache file ${path} was damaged; it was removed, and what it held is fetched again`
    return new ShardexError(
      'storage.corrupt',
      { url: path, found: 'other bytes', wanted: 'those that were written' },
      { message },
    )
  }

  /** Whether the cache could hold it if there was nothing else. */
  fits(sizeBytes: number, marks: Marks): boolean {
    return sizeBytes + footerBytes(sizeBytes, marks) <= this.#maxBytes
  }

  /**
   * Make room, by the removal of what was not used for longest.
   * @returns nothing if there is no room to be made, or another process is filling the same
   * @throws what the file system says
   */
  async reserve(sha256: string, sizeBytes: number, marks: Marks): Promise<Reservation | undefined> {
    await mkdir(this.#path, { recursive: true })
    const turn = `${Date.now().toString(16).padStart(12, '0')}-${randomBytes(8).toString('hex')}`
    const own = { name: `filling-${sha256}-${turn}`, sizeBytes: sizeBytes + footerBytes(sizeBytes, marks), sha256, turn }
    const path = join(this.#path, own.name)
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o666)
    const discard = async (): Promise<void> => {
      await file.close()
      await unlink(path).catch(nothingIfMissing)
    }
    try {
      await file.truncate(own.sizeBytes)
      if (await this.#isAdmitted(own))
        return { path, file, publish: (footer) => this.#publish(path, file, sha256, footer), discard }
    } catch (error) {
      await discard()
      throw error
    }
    await discard()
    return undefined
  }

  /** What is not synced may be lost with the power; then its CRCs are wrong. */
  async #publish(path: string, file: FileHandle, sha256: string, footer: Footer): Promise<void> {
    const bytes = encodeFooter(footer)
    await file.write(bytes, 0, bytes.length, footer.sizeBytes)
    await file.close()
    await rename(path, this.pathOf(sha256))
    this.#keep(sha256, footer)
    // Who added up while the name changed may have seen neither name.
    await this.#makeRoom(await this.#look(undefined))
  }

  /** @param own it gives way to what began earlier, if that is the same object or leaves too little room */
  async #isAdmitted(own: Filling): Promise<boolean> {
    for (let looks = 1; looks <= LOOKS; looks++) {
      const listing = await this.#look(own)
      const earlier = listing.fillings.filter(({ turn }) => turn < own.turn)
      if (earlier.some(({ sha256 }) => sha256 === own.sha256)) return false
      if (await this.#makeRoom(listing)) return true
      if (sizeOf(earlier) + own.sizeBytes > this.#maxBytes) return false
      // Later ones are too much: they go as soon as they look, or did before this one was to be seen and stay.
      await setTimeout(LOOK_MS)
    }
    return false
  }

  /** What there is, without what was given up. */
  async #look(own: Filling | undefined): Promise<Listing> {
    const fillings: Filling[] = []
    const objects = new Map<string, StoredObject>()
    for (const name of await readdir(this.#path)) {
      const [isFilling, sha256 = name, turn = ''] = FILLING.exec(name) ?? []
      if (!isDigest(sha256)) continue
      const filling = isFilling && (await statOf(join(this.#path, name)))
      if (!filling) {
        // Also what has got its name since it was listed: nothing that takes room may be overlooked.
        const object = await statOf(this.pathOf(sha256))
        if (object !== undefined) objects.set(sha256, { name: sha256, sizeBytes: object.size, usedAtMs: object.mtimeMs })
      } else if (name === own?.name || Math.abs(Date.now() - filling.mtimeMs) <= ABANDONED_MS)
        fillings.push({ name, sizeBytes: filling.size, sha256, turn })
      else await unlink(join(this.#path, name)).catch(nothingIfMissing)
    }
    return { fillings, objects: [...objects.values()] }
  }

  /** Until all files together are not too large. @returns false, and removes nothing, if those that are being filled are that alone */
  async #makeRoom({ fillings, objects }: Listing): Promise<boolean> {
    let total = sizeOf(fillings)
    if (total > this.#maxBytes) return false
    total += sizeOf(objects)
    for (const { name, sizeBytes } of objects.toSorted((a, b) => a.usedAtMs - b.usedAtMs)) {
      if (total <= this.#maxBytes) break
      await this.#drop(name)
      total -= sizeBytes
    }
    return true
  }

  async #drop(sha256: string): Promise<void> {
    this.#forget(sha256)
    await unlink(this.pathOf(sha256)).catch(nothingIfMissing)
  }

  #keep(sha256: string, footer: Footer): void {
    this.#forget(sha256)
    this.#footers.set(sha256, footer)
    this.#footerObjectBytes += footer.sizeBytes
    for (const oldest of this.#footers.keys()) {
      if (this.#footerObjectBytes <= KEPT_OBJECT_BYTES || oldest === sha256) break
      this.#forget(oldest)
    }
  }

  #forget(sha256: string): void {
    this.#footerObjectBytes -= this.#footers.get(sha256)?.sizeBytes ?? 0
    this.#footers.delete(sha256)
  }
}

function sizeOf(files: readonly Stored[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

async function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(nothingIfMissing)
}

/** The time of the last use is the time of the file. Others may have removed it; that is seen when it is opened. */
async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => {})
}
