import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { type Child, startChild, tempDir, untilReady, withFreePorts } from '../services/index.ts'
import { type S3Server, s3Answers } from '../services/s3.ts'

/** A versitygw of one's own, which can be killed and come back at the same address with the same objects. */
export interface OwnS3 extends AsyncDisposable {
  readonly server: S3Server
  kill(): Promise<void>
  restart(): Promise<void>
}

export function startOwnS3(program: string): Promise<OwnS3> {
  return withFreePorts(1, async ([port = 0]) => {
    await using undo = new AsyncDisposableStack()
    const dir = undo.use(await tempDir('own-s3'))
    await mkdir(dir.file('buckets'))
    const server: S3Server = {
      name: 'versitygw',
      endpoint: `http://127.0.0.1:${port}`,
      accessKeyId: 'shardex',
      secretAccessKey: randomBytes(16).toString('hex'),
      region: 'us-east-1',
    }
    const start = async (): Promise<Child> => {
      const child = await startChild(program, ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', dir.file('buckets')], {
        logFile: dir.file('versitygw.log'),
        env: { ROOT_ACCESS_KEY_ID: server.accessKeyId, ROOT_SECRET_ACCESS_KEY: server.secretAccessKey },
      })
      await untilReady(() => s3Answers(server.endpoint), { what: program, child })
      return child
    }
    let child = await start()
    undo.defer(() => child.stop('SIGKILL'))
    const owned = undo.move()
    return {
      server,
      kill: () => child.stop('SIGKILL'),
      async restart() {
        child = await start()
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  })
}
