import { Worker } from 'node:worker_threads'
import type { HashReply, HashRequest } from './hash-worker.ts'
import type { Hasher } from './hasher.ts'
import { type HashedRows, type ShardDigests, ShardHasher } from './shard-hasher.ts'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const WORKER = new URL(`./hash-worker.${extension}`, import.meta.url)

/** Hashes beside the thread that packs. The worker starts with the first bytes, so small datasets never pay for it. */
export class HashThread implements Hasher {
  readonly #workerUrl: URL
  #worker: Worker | undefined
  #failure: unknown
  readonly #pending: { resolve: (reply: HashReply) => void; reject: (error: unknown) => void }[] = []

  constructor(workerUrl: URL = WORKER) {
    this.#workerUrl = workerUrl
  }

  async update(shard: number, bytes: Uint8Array<SharedArrayBuffer>, rows: HashedRows): Promise<void> {
    await this.#ask({ shard, bytes, rows })
  }

  async digest(shard: number): Promise<ShardDigests> {
    const { digests } = await this.#ask({ shard })
    if (digests === undefined) throw new TypeError('the hash thread answered out of order')
    return digests
  }

  /** Not worth a thread. */
  digestOf(bytes: Uint8Array, rows: HashedRows): ShardDigests {
    const hasher = new ShardHasher()
    hasher.update(bytes, rows)
    return hasher.digest()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate()
  }

  #ask(request: HashRequest): Promise<HashReply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    this.#worker ??= this.#start()
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject })
      worker.postMessage(request)
    })
  }

  #start(): Worker {
    const worker = new Worker(this.#workerUrl, { name: 'shardex-sha256' })
    worker.on('message', (reply: HashReply) => this.#pending.shift()?.resolve(reply))
    worker.on('error', (error) => this.#fail(error))
    worker.on('exit', () => this.#fail(new Error('the hash thread ended')))
    return worker
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    for (const { reject } of this.#pending.splice(0)) reject(error)
  }
}
