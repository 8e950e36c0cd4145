import type { RedisAddress } from './redis.ts'
import type { S3Server } from './s3.ts'
import { firstService, type Source } from './service.ts'
import { CEPH, GIVEN_S3, REDIS, VERSITYGW } from './sources.ts'

export interface Services extends AsyncDisposable {
  readonly redis: RedisAddress | undefined
  readonly s3: readonly S3Server[]
}

/**
 * Opens a Redis and every make of S3 server there is to have here, all at once. `SHARDEX_TEST_SERVICES` narrows it while
 * developing: `none`, or a list of `redis`, `ceph`, `versitygw`.
 * @throws in CI, if Redis or S3 is missing; elsewhere a notice is printed and the tests that need it are skipped
 */
export async function openServices(): Promise<Services> {
  await using undo = new AsyncDisposableStack()
  const open = async <Address>(what: string, sources: readonly Source<Address>[]): Promise<Opened<Address>> => {
    const found = await firstService(sources)
    if ('missing' in found) return { missing: `${what}\n${found.missing}` }
    undo.use(found.service)
    process.stderr.write(`${what.padEnd(10)} ${found.service.program} (${found.from})\n`)
    return { address: found.service.address }
  }
  // Every one is awaited to its end even if another fails, so that nothing is left running.
  const [redis, s3] = await both(
    wanted('redis') ? open('Redis', REDIS) : LEFT_OUT,
    (async () => {
      const given = wanted('ceph') || wanted('versitygw') ? await open('S3', GIVEN_S3) : LEFT_OUT
      if (given.address) return [given]
      return both(wanted('ceph') ? open('S3', CEPH) : LEFT_OUT, wanted('versitygw') ? open('S3', VERSITYGW) : LEFT_OUT)
    })(),
  )
  const servers = s3.map((one) => one.address).filter((address) => address !== undefined)
  const missing = [redis.missing, servers.length === 0 ? s3.map((one) => one.missing).join('\n') : undefined]
    .filter(Boolean)
    .join('\n\n')
  if (missing) report(missing)
  const owned = undo.move()
  return { redis: redis.address, s3: servers, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

interface Opened<Address> {
  readonly address?: Address | undefined
  readonly missing?: string | undefined
}

const LEFT_OUT: Opened<never> = {}

function wanted(service: 'redis' | 'ceph' | 'versitygw'): boolean {
  const list = process.env['SHARDEX_TEST_SERVICES']
  return list === undefined || list === '' || list.split(',').includes(service)
}

async function both<A, B>(a: A | Promise<A>, b: B | Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b])
  return [await a, await b]
}

function report(missing: string): void {
  const text = `The tests need real services, and this machine has not all of them:\n\n${missing}`
  if (process.env['CI']) throw new Error(`${text}\n\nIn CI that is a failure.`)
  const rule = '!'.repeat(80)
  process.stderr.write(`\n${rule}\n${text}\n\nTests that need them are SKIPPED.\n${rule}\n\n`)
}
