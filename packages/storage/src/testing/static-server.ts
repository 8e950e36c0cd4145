import { open, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A plain web server for the files of one directory, on this machine only. */
export interface StaticServer extends AsyncDisposable {
  /** `http://127.0.0.1:port/` */
  readonly url: string
}

export interface StaticServerOptions {
  /** Without, every GET is answered with the whole file, as very simple servers do. Default true. */
  readonly ranges?: boolean | undefined
}

/** Serves GET and HEAD with single ranges, `If-Range` and strong marks. For tests: it trusts whoever can reach it. */
export async function serveDirectory(root: string, { ranges = true }: StaticServerOptions = {}): Promise<StaticServer> {
  const server = createServer((request, response) => {
    answer(root, ranges, request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(root: string, ranges: boolean, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://here')
  const path = join(root, ...pathname.split('/').map(decodeURIComponent))
  const stats = await stat(path).catch(() => undefined)
  if (!stats?.isFile()) return void response.writeHead(404).end()
  const etag = `"${stats.ino}-${stats.size}-${stats.mtimeMs}"`
  response.setHeader('etag', etag).setHeader('last-modified', stats.mtime.toUTCString())
  const ifRange = request.headers['if-range']
  const isWhole = !ranges || (ifRange !== undefined && ifRange !== etag)
  const span = spanOf(isWhole ? undefined : request.headers.range, stats.size)
  if (span === undefined) return void response.writeHead(416, { 'content-range': `bytes */${stats.size}` }).end()
  const { start, end, isPartial } = span
  if (isPartial) response.setHeader('content-range', `bytes ${start}-${end - 1}/${stats.size}`)
  response.writeHead(isPartial ? 206 : 200, { 'content-length': end - start })
  if (request.method === 'HEAD' || start === end) return void response.end()
  await using file = await open(path)
  await pipeline(file.createReadStream({ start, end: end - 1, autoClose: false }), response)
}

/** `undefined` for a range that does not begin inside the file. */
function spanOf(header: string | undefined, size: number): { start: number; end: number; isPartial: boolean } | undefined {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? []
  if (from === undefined) return { start: 0, end: size, isPartial: false }
  const start = Number(from)
  return start < size ? { start, end: to ? Math.min(size, Number(to) + 1) : size, isPartial: true } : undefined
}
