/** `hash-worker.ts` without the hashes of samples. */
import { createHash, type Hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import type { HashReply, HashRequest } from '../../packages/repo/src/hash/hash-worker.ts'

const hashes = new Map<number, Hash>()

parentPort?.on('message', ({ shard, bytes }: HashRequest) => {
  const hash = hashes.get(shard) ?? createHash('sha256')
  hashes.set(shard, hash)
  const reply: HashReply =
    bytes === undefined ? { digests: { sha256: hash.digest('hex'), leaves: new Uint8Array(), merkleRoot: '' } } : {}
  if (bytes === undefined) hashes.delete(shard)
  else hash.update(bytes)
  parentPort?.postMessage(reply)
})
