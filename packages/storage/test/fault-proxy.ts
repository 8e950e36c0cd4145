import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to one request on its way. Nothing else of it is changed, so a signature stays valid. */
export type Fault =
  /** The server is not asked. */
  | { readonly answer: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** The connection breaks after so many bytes of the answer's body. */
  | { readonly breakAfter: number }
  /** Nothing more comes after so many bytes of the answer's body; with -1 not even the head. */
  | { readonly stallAfter: number }
  /** The connection breaks after the server has done its work and before its answer is passed on. */
  | { readonly loseAnswer: true }
  /** One byte of what is sent to the server is another when it gets there. */
  | { readonly damage: true }
  /** Something is done between two requests, then this one goes through. */
  | { readonly first: () => Promise<void> }

export interface FaultProxy extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** What was asked so far: method, path and range. */
  readonly requests: readonly string[]
}

/** A real proxy in front of a real server, that asks for each request what should go wrong with it; `undefined`: nothing. */
export async function faultProxy(
  target: string,
  faultOf: (request: IncomingMessage, number: number) => Fault | undefined,
): Promise<FaultProxy> {
  const { hostname, port } = new URL(target)
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push([request.method, request.url, request.headers.range].filter(Boolean).join(' '))
    const fault = faultOf(request, requests.length)
    if (fault === undefined) forward(request, response, undefined)
    else if ('answer' in fault) request.resume().on('end', () => response.writeHead(fault.answer, fault.headers).end(fault.body))
    else if ('first' in fault) void fault.first().then(() => forward(request, response, undefined))
    else forward(request, response, fault)
  })

  function forward(request: IncomingMessage, response: ServerResponse, fault: Fault | undefined): void {
    const { method, url: path, headers } = request
    const onward = ask({ hostname, port, method, path, headers }, (answer) =>
      pass(answer, response, fault !== undefined && 'damage' in fault ? undefined : fault),
    )
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    if (fault === undefined || !('damage' in fault)) return void request.pipe(onward)
    let isDamaged = false
    request.on('data', (chunk: Buffer) => {
      if (!isDamaged) chunk[0] = (chunk[0] ?? 0) ^ 1
      isDamaged = true
      onward.write(chunk)
    })
    request.on('end', () => onward.end())
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function pass(answer: IncomingMessage, response: ServerResponse, fault: Fault | undefined): void {
  if (fault !== undefined && 'loseAnswer' in fault) return void answer.resume().on('end', () => response.destroy())
  const limit =
    fault === undefined
      ? Number.POSITIVE_INFINITY
      : 'breakAfter' in fault
        ? fault.breakAfter
        : 'stallAfter' in fault
          ? fault.stallAfter
          : 0
  if (limit < 0) return void answer.resume()
  response.writeHead(answer.statusCode ?? 502, answer.headers)
  if (limit === Number.POSITIVE_INFINITY) return void answer.pipe(response)
  response.flushHeaders()
  let passed = 0
  answer.on('data', (chunk: Buffer) => {
    const piece = chunk.subarray(0, limit - passed)
    passed += piece.length
    if (piece.length > 0) response.write(piece)
    if (passed < limit) return
    answer.pause()
    if (fault !== undefined && 'breakAfter' in fault) response.write('', () => response.destroy())
  })
}
