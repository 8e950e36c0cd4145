import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Some bytes on their way. */
export interface Passing {
  /** Counted over all connections of the proxy and both directions, from 0. */
  readonly event: number
  readonly direction: 'to server' | 'to client'
  /** Where they are the beginning of an HTTP request: its method and path. */
  readonly request: string | undefined
}

/** What happens to these bytes and to their connection; nothing waits for ever, because disposing ends every connection. */
export type Fault =
  | { readonly kind: 'latency'; readonly ms: number }
  /** Nothing passes either way for so long, then the connection breaks. */
  | { readonly kind: 'stall'; readonly ms: number }
  /** Both ends see the connection break before the bytes arrive. */
  | { readonly kind: 'reset' }
  /** So many of the bytes still arrive, then the sender seems to have ended orderly. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** The server gets everything and does its work; of its answers nothing arrives. */
  | { readonly kind: 'lose answer' }
  /** The server is not asked. Of HTTP only. */
  | { readonly kind: '503' }

export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** How much has passed so far. */
  readonly events: () => number
  /** Asked for everything that passes. */
  faultAt: (passing: Passing) => Fault | undefined
}

/** A proxy in front of a real server, on a loopback port of its own, that knows nothing of what passes. */
export async function openProxy(server: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  const sockets = new Set<Socket>()
  let events = 0
  const listener = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ ...server, noDelay: true })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    }
    const wire = new Wire(client, upstream, (direction, bytes) =>
      proxy.faultAt({ event: events++, direction, request: direction === 'to server' ? requestOf(bytes) : undefined }),
    )
    wire.open()
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const proxy: FaultProxy = {
    port: (listener.address() as AddressInfo).port,
    events: () => events,
    faultAt: () => undefined,
    async [Symbol.asyncDispose]() {
      const closed = once(listener, 'close')
      listener.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  return proxy
}

type Judge = (direction: Passing['direction'], bytes: Buffer) => Fault | undefined

/** One connection through the proxy. */
class Wire {
  readonly #client: Socket
  readonly #upstream: Socket
  readonly #judge: Judge
  #deafTo: Socket | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(client: Socket, upstream: Socket, judge: Judge) {
    this.#client = client
    this.#upstream = upstream
    this.#judge = judge
  }

  open(): void {
    this.#join(this.#client, this.#upstream, 'to server')
    this.#join(this.#upstream, this.#client, 'to client')
  }

  #join(from: Socket, to: Socket, direction: Passing['direction']): void {
    from.on('data', (bytes) => {
      if (this.#deafTo === from) return
      const fault = this.#judge(direction, bytes)
      if (fault === undefined) this.#pass(from, to, bytes)
      else this.#strike(fault, from, to, bytes)
    })
    from.on('end', () => to.end())
    // A connection that broke shall look broken at its other end too.
    from.on('close', (hadError) => {
      clearTimeout(this.#timer)
      if (hadError) to.resetAndDestroy()
      else to.destroySoon()
    })
  }

  #pass(from: Socket, to: Socket, bytes: Buffer): void {
    if (to.writable && !to.write(bytes)) {
      from.pause()
      to.once('drain', () => from.resume())
    }
  }

  #strike(fault: Fault, from: Socket, to: Socket, bytes: Buffer): void {
    switch (fault.kind) {
      case 'latency':
        from.pause()
        this.#later(fault.ms, () => {
          this.#pass(from, to, bytes)
          from.resume()
        })
        return
      case 'stall':
        this.#client.pause()
        this.#upstream.pause()
        this.#later(fault.ms, () => this.#break())
        return
      case 'reset':
        this.#break()
        return
      case 'truncate':
        this.#deafTo = from
        to.end(bytes.subarray(0, fault.bytes))
        from.end()
        return
      case 'lose answer':
        this.#loseAnswer(bytes, from)
        return
      case '503':
        this.#refuse()
    }
  }

  #loseAnswer(bytes: Buffer, from: Socket): void {
    if (from === this.#client) this.#pass(from, this.#upstream, bytes)
    this.#deafTo = this.#upstream
    // The answer has come, or had come already: the work is done.
    if (from === this.#upstream) this.#break()
    else this.#upstream.once('data', () => this.#break())
  }

  #refuse(): void {
    this.#deafTo = this.#client
    const body = '<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>'
    const head = [
      'HTTP/1.1 503 Slow Down',
      'Content-Type: application/xml',
      `Content-Length: ${body.length}`,
      'Connection: close',
    ]
    this.#client.end(`${head.join('\r\n')}\r\n\r\n${body}`)
    this.#upstream.destroy()
  }

  #later(ms: number, act: () => void): void {
    this.#timer = setTimeout(act, ms)
  }

  #break(): void {
    this.#client.resetAndDestroy()
    this.#upstream.resetAndDestroy()
  }
}

function requestOf(bytes: Buffer): string | undefined {
  return /^(?:GET|HEAD|PUT|POST|DELETE) \/\S*/.exec(bytes.toString('latin1', 0, 2_000))?.[0]
}
