import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/**
 * Loopback ports that nobody listens on, all different. Somebody may still take one before its user binds it,
 * so whoever uses them goes through {@link withFreePorts}.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}

/** Runs `start` with free ports, and again with others (three times in all) when it fails because one was taken meanwhile. */
export async function withFreePorts<T>(count: number, start: (ports: number[]) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePorts(count))
    } catch (error) {
      if (attempt === 3 || !/in use|EADDRINUSE|unable to bind/i.test(String(error))) throw error
    }
  }
}
