import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type RedisAddress, redisVersion } from './redis.ts'
import type { S3Server } from './s3.ts'
import type { Service } from './service.ts'
import { VERSITYGW_VERSION } from './versitygw.ts'

/** Redis in a container, or `undefined` if no engine answers. */
export async function dockerRedis(): Promise<Service<RedisAddress> | undefined> {
  const docker = await engine()
  if (!docker) return undefined
  const container = await new docker.GenericContainer('redis:7.4-alpine')
    .withCommand(['redis-server', '--appendonly', 'yes', '--databases', '1024'])
    .withExposedPorts(6379)
    .withWaitStrategy(docker.Wait.forListeningPorts())
    .start()
  const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`
  return {
    address: { url },
    program: `Redis ${await redisVersion(url)}`,
    [Symbol.asyncDispose]: async () => void (await container.stop()),
  }
}

/** The Versity S3 gateway in a container, or `undefined` if no engine answers. */
export async function dockerVersitygw(): Promise<Service<S3Server> | undefined> {
  const docker = await engine()
  if (!docker) return undefined
  const account = { accessKeyId: 'shardex', secretAccessKey: randomBytes(16).toString('hex') }
  const container = await new docker.GenericContainer(`ghcr.io/versity/versitygw:v${VERSITYGW_VERSION}`)
    .withEnvironment({
      ROOT_ACCESS_KEY_ID: account.accessKeyId,
      ROOT_SECRET_ACCESS_KEY: account.secretAccessKey,
      VGW_HEALTH: '/health',
    })
    // The folder comes with the image.
    .withCommand(['--quiet', '--port', ':7070', 'posix', '/tmp/vgw'])
    .withExposedPorts(7070)
    .withWaitStrategy(docker.Wait.forHttp('/health', 7070))
    .start()
  return {
    address: {
      name: 'versitygw',
      endpoint: `http://${container.getHost()}:${container.getMappedPort(7070)}`,
      ...account,
      region: 'us-east-1',
    },
    program: `versitygw ${VERSITYGW_VERSION}`,
    [Symbol.asyncDispose]: async () => void (await container.stop()),
  }
}

type Testcontainers = typeof import('testcontainers')

async function engine(): Promise<Testcontainers | undefined> {
  // Loading testcontainers costs a second: first see whether there is anything to talk to.
  if (!mayHaveEngine()) return undefined
  const testcontainers = await import('testcontainers')
  const answers = await testcontainers.getContainerRuntimeClient().then(
    () => true,
    () => false,
  )
  return answers ? testcontainers : undefined
}

function mayHaveEngine(): boolean {
  const sockets = [
    '/var/run/docker.sock',
    ...USER_SOCKETS.map((path) => join(homedir(), path)),
    join(process.env['XDG_RUNTIME_DIR'] ?? '/run', 'docker.sock'),
  ]
  return process.env['DOCKER_HOST'] !== undefined || process.platform === 'win32' || sockets.some((path) => existsSync(path))
}

const USER_SOCKETS = [
  '.testcontainers.properties',
  '.docker/run/docker.sock',
  '.docker/desktop/docker.sock',
  '.colima/docker.sock',
  '.rd/docker.sock',
]
