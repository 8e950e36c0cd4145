import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CountingProxy extends AsyncDisposable {
  /** In the place of the server's. */
  readonly url: string
  /** Tells how many requests were passed on. */
  readonly counter: string
}

/** Passes HTTP requests on as they are, and counts them. */
export async function countRequests(server: string): Promise<CountingProxy> {
  let passed = 0
  const proxy = createServer((asked, answer) => {
    if (asked.url === COUNTER) {
      answer.end(String(passed))
      return
    }
    passed += 1
    const { hostname, port } = new URL(server)
    const { method, url: path, headers } = asked
    const onward = request({ hostname, port, method, path, headers }, (answered) => {
      answer.writeHead(answered.statusCode!, answered.headers)
      answered.pipe(answer)
    })
    onward.on('error', (error) => answer.destroy(error))
    asked.pipe(onward)
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  return {
    url,
    counter: url + COUNTER,
    async [Symbol.asyncDispose]() {
      proxy.close()
      proxy.closeAllConnections()
    },
  }
}

const COUNTER = '/requests-passed-so-far'
