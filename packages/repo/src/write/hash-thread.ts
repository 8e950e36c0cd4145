import { Worker } from 'node:worker_threads'
import type { HashReply, HashRequest } from './hash-worker.ts'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const workerUrl = new URL(`./hash-worker.${extension}`, import.meta.url)

/** Takes SHA-256 beside the thread that packs. The worker starts with the first bytes, so small datasets never pay for it. */
export class HashThread implements AsyncDisposable {
  #worker: Worker | undefined
  #failure: unknown
  readonly #pending: { resolve: (reply: HashReply) => void; reject: (error: unknown) => void }[] = []

  /** Resolves when the bytes have been read and may be reused. */
  async update(shard: number, bytes: Uint8Array<SharedArrayBuffer>): Promise<void> {
    await this.#ask({ shard, bytes })
  }

  /** End a shard: its SHA-256 in lower-case hex. */
  async digest(shard: number): Promise<string> {
    const { sha256 } = await this.#ask({ shard })
    if (sha256 === undefined) throw new TypeError('the hash thread answered out of order')
    return sha256
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
    const worker = new Worker(workerUrl, { name: 'shardex-sha256' })
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
