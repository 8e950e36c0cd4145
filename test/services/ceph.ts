import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { canInstall, install } from './apt.ts'
import { freshBucket } from './bucket.ts'
import { cephConf, monAddress } from './ceph-conf.ts'
import { type Child, run, startChild, untilReady } from './child.ts'
import { findProgram } from './find-program.ts'
import { withFreePorts } from './free-port.ts'
import { type S3Server, s3Answers } from './s3.ts'
import type { Service } from './service.ts'
import { tempDir } from './temp-dir.ts'

const PROGRAMS = ['ceph', 'ceph-authtool', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin'] as const
type Programs = Readonly<Record<(typeof PROGRAMS)[number], string>>

export function findCeph(): Programs | undefined {
  const found = PROGRAMS.map((name) => [name, findProgram(name)] as const)
  return found.every(([, path]) => path !== undefined) ? (Object.fromEntries(found) as Programs) : undefined
}

export async function installCeph(): Promise<Programs | undefined> {
  if (!canInstall()) return undefined
  await install(['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common'])
  return findCeph()
}

/** Starts Ceph's object gateway with the cluster under it (see {@link cephConf}). Takes one or two seconds. */
export function startCeph(programs: Programs): Promise<Service<S3Server>> {
  return withFreePorts(3, async ([monV2 = 0, monV1 = 0, gateway = 0]) => {
    await using undo = new AsyncDisposableStack()
    const dir = undo.use(await tempDir('ceph'))
    const ports = { monV2, monV1, gateway }
    const fsid = randomUUID()
    const [conf, keyring] = [dir.file('ceph.conf'), dir.file('keyring')]
    await writeFile(conf, cephConf(dir.path, fsid, ports))
    await Promise.all(['mon', 'osd', 'rgw'].map((name) => mkdir(dir.file(name))))
    // Environment and ~/.ceph must not lead any of these to another cluster.
    const env = { CEPH_CONF: conf, CEPH_ARGS: '' }
    const daemon = async (program: string, name: string): Promise<Child> =>
      undo.use(
        await startChild(program, ['-c', conf, '-n', name, '-f'], {
          logFile: dir.file(`${name}.out`),
          env,
          stopSignal: 'SIGKILL',
        }),
      )

    await makeKeyring(programs['ceph-authtool'], keyring)
    await run(programs.monmaptool, ['--create', '--fsid', fsid, '--addv', 'a', monAddress(ports), dir.file('monmap')], env)
    await run(programs['ceph-mon'], ['-c', conf, '-i', 'a', '--mkfs', '--monmap', dir.file('monmap'), '--keyring', keyring], env)
    const mon = await daemon(programs['ceph-mon'], 'mon.a')
    const osdId = randomUUID()
    await untilReady(() => run(programs.ceph, ['-c', conf, '--connect-timeout', '20', 'osd', 'new', osdId], env), {
      what: 'ceph-mon',
      child: mon,
    })
    await run(programs['ceph-osd'], ['-c', conf, '-i', '0', '--mkfs', '--osd-uuid', osdId], env)
    await daemon(programs['ceph-osd'], 'osd.0')
    const rgw = await daemon(programs.radosgw, 'client.rgw')

    const server: S3Server = {
      name: 'ceph',
      endpoint: `http://127.0.0.1:${gateway}`,
      accessKeyId: 'shardex',
      secretAccessKey: randomBytes(16).toString('hex'),
      region: 'default',
    }
    await untilReady(() => s3Answers(server.endpoint), { what: 'radosgw', child: rgw, deadlineMs: 120_000 })
    const keys = ['--access-key', server.accessKeyId, '--secret-key', server.secretAccessKey]
    await run(
      programs['radosgw-admin'],
      ['-c', conf, '-n', 'client.rgw', 'user', 'create', '--uid=shardex', '--display-name=shardex', ...keys],
      env,
    )
    // The gateway makes its pools with the first bucket: no test should pay for that.
    await (await freshBucket(server))[Symbol.asyncDispose]()
    const program = `Ceph RADOS gateway ${/version (\S+)/.exec(await run(programs.radosgw, ['--version'], env))?.[1] ?? ''}`
    const owned = undo.move()
    return { address: server, program, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  })
}

async function makeKeyring(authtool: string, keyring: string): Promise<void> {
  const capabilities: Record<string, string[]> = {
    'mon.': ['--cap', 'mon', 'allow *'],
    'client.admin': ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *'],
    'osd.0': ['--cap', 'mon', 'allow profile osd', '--cap', 'osd', 'allow *'],
    'client.rgw': ['--cap', 'mon', 'allow rw', '--cap', 'osd', 'allow rwx'],
  }
  await writeFile(keyring, '', { mode: 0o600 })
  for (const [name, caps] of Object.entries(capabilities)) await run(authtool, [keyring, '--gen-key', '-n', name, ...caps])
}
