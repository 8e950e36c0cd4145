import type { RedisAddress } from './redis.ts'
import type { S3Server } from './s3.ts'
import { firstService, type Source } from './service.ts'
import { CEPH, GIVEN_S3, REDIS, VERSITYGW } from './sources.ts'

export interface Services extends AsyncDisposable {
  readonly redis: RedisAddress | undefined
  /** Primary first. */
  readonly s3: readonly S3Server[]
}

/**
 * Opens a Redis and every make of S3 server there is to have here, all at once. `SHARDEX_TEST_SERVICES` narrows it while
 * developing: `none`, or a list of `redis`, `ceph`, `versitygw`.
 * @throws in CI, if Redis or S3 is missing; elsewhere a notice is printed and the tests that need it are skipped
 */
export async function openServices(): Promise<Services> {
  await using undo = new AsyncDisposableStack()
  const open = async <Address>(sources: readonly Source<Address>[]): Promise<Opened<Address>> => {
    const found = await firstService(sources)
    if ('missing' in found) return found
    undo.use(found.service)
    process.stderr.write(`test service: ${found.service.program}, from ${found.from}\n`)
    return { address: found.service.address }
  }
  const openS3 = async (): Promise<Opened<S3Server>[]> => {
    if (!wanted('ceph') && !wanted('versitygw')) return [LEFT_OUT]
    const given = await open(GIVEN_S3)
    if (given.address) return [given]
    return [given, ...(await all([wanted('ceph') ? open(CEPH) : LEFT_OUT, wanted('versitygw') ? open(VERSITYGW) : LEFT_OUT]))]
  }
  const [redis, s3] = await all([wanted('redis') ? open(REDIS) : LEFT_OUT, openS3()])
  const servers = s3.flatMap(({ address }) => address ?? [])
  if (!redis.address) undo.defer(report('Redis', [redis]))
  if (servers.length === 0) undo.defer(report('S3', s3))
  const owned = undo.move()
  return { redis: redis.address, s3: servers, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

interface Opened<Address> {
  readonly address?: Address | undefined
  /** Why there is none. */
  readonly missing?: string | undefined
}

const LEFT_OUT: Opened<never> = { missing: 'left out by SHARDEX_TEST_SERVICES' }

function wanted(service: 'redis' | 'ceph' | 'versitygw'): boolean {
  const list = process.env['SHARDEX_TEST_SERVICES']
  return !list || list.split(',').includes(service)
}

/** Like `Promise.all`, but waits for every one even if one fails: what is still starting must be known to be stopped. */
async function all<T extends readonly unknown[]>(promises: readonly [...T]): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

/** Say it now, and give back what says it again when the run is over and its end is what is read. */
function report(what: string, tried: readonly Opened<unknown>[]): () => void {
  const reasons = tried.flatMap(({ missing }) => missing?.split('\n') ?? []).map((reason) => `  ${reason}`)
  const text = `The tests need a real ${what}, and none could be had:\n${reasons.join('\n')}`
  if (process.env['CI']) throw new Error(text)
  const advice = 'Start Docker, or install them: sudo apt-get install redis-server radosgw ceph-mon ceph-osd ceph-common'
  const rule = '!'.repeat(80)
  const say = (): void => {
    process.stderr.write(`\n${rule}\n${text}\nEvery test that needs it is SKIPPED. ${advice}\n${rule}\n\n`)
  }
  say()
  return say
}
