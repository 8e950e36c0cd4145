import { createServer } from 'node:http'
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
}

/** @param headers sent with every answer */
export async function openSite(folder: string, headers: Readonly<Record<string, string>> = {}): Promise<Site> {
  const answers: Answer[] = []
  const files = sirv(folder, { dev: true, etag: true, gzip: true })
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.once('finish', () =>
      answers.push({ path: request.url ?? '', range: request.headers.range, status: response.statusCode }),
    )
    files(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answers,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
