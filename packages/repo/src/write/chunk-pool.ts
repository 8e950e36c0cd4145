/** Bytes of one chunk: large enough that messages to the hash thread and writes to the store cost nothing per byte. */
export const CHUNK_BYTES = 1_048_576

/** A piece of a shard on its way to the store and to the hash thread. It goes back to its pool when nobody holds it. */
export interface Chunk {
  /** Shared memory: the hash thread reads the very bytes that the store writes. */
  readonly bytes: Uint8Array<SharedArrayBuffer>
  usedBytes: number
  holders: number
}

/** So long chunks wait for the next insert, as hash threads do. */
const SPARE_MS = 10_000

/**
 * Left by inserts that went well. Collectors of garbage do not count shared memory, and a hash thread hardly ever collects, so that it would
 * keep the chunks of a hundred inserts.
 */
const spare: Chunk[] = []
let timer: NodeJS.Timeout | undefined

/** A fixed number of chunks: all the memory that shards in writing take, however long they are. */
export class ChunkPool {
  readonly #free: Chunk[] = []
  readonly #waiting: (() => void)[] = []
  #unmade: number

  constructor(chunks: number) {
    this.#unmade = chunks
  }

  /** A chunk held once, or `undefined` when all are taken. */
  take(): Chunk | undefined {
    const chunk = this.#free.pop() ?? this.#make()
    if (chunk !== undefined) {
      chunk.usedBytes = 0
      chunk.holders = 1
    }
    return chunk
  }

  /** Resolves when `take` is worth another try. */
  whenFree(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  release(chunk: Chunk): void {
    chunk.holders -= 1
    if (chunk.holders > 0) return
    this.#free.push(chunk)
    // Whoever waits packs without a pause: first let the store ask for its next write.
    const wake = this.#waiting.shift()
    if (wake !== undefined) setImmediate(wake)
  }

  /** Leave the chunks that nobody holds to pools to come. */
  end(): void {
    spare.push(...this.#free.splice(0))
    clearTimeout(timer)
    timer = setTimeout(() => spare.splice(0), SPARE_MS).unref()
  }

  #make(): Chunk | undefined {
    if (this.#unmade === 0) return undefined
    this.#unmade -= 1
    return spare.pop() ?? { bytes: new Uint8Array(new SharedArrayBuffer(CHUNK_BYTES)), usedBytes: 0, holders: 0 }
  }
}
