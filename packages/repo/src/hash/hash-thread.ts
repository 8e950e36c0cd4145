import { Worker } from 'node:worker_threads'
import type { Digests, HashReply, HashRequest } from './hash-worker.ts'
import type { HashedRows, Hasher } from './hasher.ts'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const WORKER = new URL(`./hash-worker.${extension}`, import.meta.url)

/** So long a thread waits for more work: whoever inserts once often inserts again. */
const IDLE_MS = 10_000

/** Without work. Starting a thread takes as long as hashing 100 MB. */
const idle = new Set<HashThread<keyof Digests>>()

/** Takes digests of one kind beside the thread that packs. Only one that is borrowed keeps the process alive. */
export class HashThread<Kind extends keyof Digests> {
  readonly #kind: Kind
  #worker: Worker | undefined
  readonly #pending: { resolve: (reply: HashReply) => void; reject: (error: unknown) => void }[] = []
  readonly #unfinished = new Set<number>()
  #failure: unknown
  #timer: NodeJS.Timeout | undefined

  private constructor(kind: Kind) {
    this.#kind = kind
    try {
      // Without the flags of the process: it needs none, and `--input-type` forbids a thread its file.
      this.#worker = new Worker(WORKER, { name: `shardex-sha256-${kind}`, workerData: kind, execArgv: [] })
        .on('message', (reply: HashReply) => this.#pending.shift()?.resolve(reply))
        .on('error', (error) => this.#fail(error))
        .on('exit', () => this.#fail(new Error('the hash thread ended')))
    } catch (error) {
      // Told for every piece: a thread that starts with the second would take the digest of a part.
      this.#fail(error)
    }
  }

  static borrow<Kind extends keyof Digests>(kind: Kind): HashThread<Kind> {
    const isOfKind = (thread: HashThread<keyof Digests>): thread is HashThread<Kind> => thread.#kind === kind
    const waiting = [...idle].find(isOfKind)
    if (waiting === undefined) return new HashThread(kind)
    idle.delete(waiting)
    clearTimeout(waiting.#timer)
    waiting.#worker?.ref()
    return waiting
  }

  /** As in {@link Hasher}. */
  async update(shard: number, bytes: Uint8Array<SharedArrayBuffer>, rows: HashedRows): Promise<void> {
    this.#unfinished.add(shard)
    await this.#ask({ shard, bytes, rows })
  }

  async digest(shard: number): Promise<Digests[Kind]> {
    const { digests } = await this.#ask({ shard })
    if (digests === undefined) throw new TypeError('the hash thread answered out of order')
    this.#unfinished.delete(shard)
    return digests as Digests[Kind]
  }

  /** For the next who borrows one, if all shards that were begun have been ended. */
  async giveBack(): Promise<void> {
    if (this.#failure !== undefined || this.#unfinished.size > 0) return this.#end()
    this.#worker?.unref()
    this.#timer = setTimeout(() => void this.#end(), IDLE_MS).unref()
    idle.add(this)
  }

  #ask(request: HashRequest): Promise<HashReply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject })
      this.#worker?.postMessage(request)
    })
  }

  async #end(): Promise<void> {
    idle.delete(this)
    await this.#worker?.terminate()
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    idle.delete(this)
    for (const { reject } of this.#pending.splice(0)) reject(error)
  }
}
