import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface SlowLink extends AsyncDisposable {
  /** What the server on its other side answers to as well: `http://127.0.0.1:port`. */
  readonly url: string
}

/** A way to a server that carries so many bytes a second to it, all connections together. What the server answers comes as fast as ever. */
export async function slowLink(target: string, bytesPerSecond: number): Promise<SlowLink> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const pace = pacing(bytesPerSecond)
  const server = createServer({ highWaterMark: CHUNK_BYTES }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port) })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket)).on('error', () => {})
    }
    upstream.pipe(client)
    upstream.once('close', () => client.destroy())
    pipeline(client, paced(upstream, pace)).catch(() => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const CHUNK_BYTES = 256 * 1024

function paced(upstream: Socket, pace: (bytes: number) => Promise<void>): Writable {
  return new Writable({
    highWaterMark: CHUNK_BYTES,
    write(chunk: Buffer, _, done) {
      void pace(chunk.length).then(() => upstream.write(chunk, done))
    },
    final(done) {
      upstream.end(done)
    },
  })
}

/** Resolves when the bytes have had their time on the line, behind all those before them. */
function pacing(bytesPerSecond: number): (bytes: number) => Promise<void> {
  let freeAt = 0
  return async (bytes) => {
    freeAt = Math.max(freeAt, performance.now()) + (1000 * bytes) / bytesPerSecond
    // Timers are exact to a millisecond: what is late by less is made up for by the next.
    const wait = freeAt - performance.now()
    if (wait > 2) await sleep(wait)
  }
}
