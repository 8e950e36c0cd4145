import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import sirv from 'sirv'

/** A request as it came, and how it was answered. */
export interface Answer {
  readonly path: string
  readonly range: string | undefined
  readonly status: number
}

/** A folder on an ordinary web server, which keeps what it was asked for. What lies there as `.gz` too is sent so to whoever takes that. */
export interface Site extends AsyncDisposable {
  /** `http://127.0.0.1:port/` */
  readonly url: string
  readonly answers: readonly Answer[]
  /** Paths whose first answer broke off. */
  readonly broken: ReadonlySet<string>
}

export interface SiteOptions {
  /** Sent with every answer. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The first answer to each path that ends so breaks off half way. */
  readonly breaksOnce?: string | undefined
}

export async function openSite(folder: string, { headers = {}, breaksOnce }: SiteOptions = {}): Promise<Site> {
  const broken = new Set<string>()
  const answers: Answer[] = []
  const files = sirv(folder, { dev: true, etag: true, gzip: true })
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.once('finish', () =>
      answers.push({ path: request.url ?? '', range: request.headers.range, status: response.statusCode }),
    )
    const { url = '', method } = request
    // What a browser asks before it sends a header that not every server knows.
    if (method === 'OPTIONS') return void response.writeHead(204).end()
    if (breaksOnce !== undefined && url.endsWith(breaksOnce) && !broken.has(url)) {
      breakHalfWay(response, () => broken.add(url))
    }
    files(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answers,
    broken,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function breakHalfWay(response: ServerResponse, onBroken: () => void): void {
  const write = response.write.bind(response) as (bytes: Uint8Array, done: () => void) => boolean
  response.write = (bytes: Uint8Array) =>
    write(bytes.subarray(0, bytes.length / 2), () => {
      onBroken()
      response.destroy()
    })
}
