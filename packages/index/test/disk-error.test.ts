import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'

/** A database whose process may write no files longer than 2 MiB, or 4 where the shell counts so, and how to come to grief there. */
const LIMITED = `
import { statSync } from 'node:fs'
import { Database } from '${new URL('../src/sqlite/database.ts', import.meta.url).href}'
const [path] = process.argv.slice(1)
using database = new Database(path, 100)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (x)')
const add = (bytes) => database.transaction(() => database.exec('INSERT INTO t VALUES (zeroblob(' + bytes + '))'))
const refused = (bytes) => {
  try {
    add(bytes)
  } catch ({ errcode }) {
    return errcode & 0xff
  }
}
const logBytes = () => statSync(path + '-wal').size
const TOO_MUCH = 2 ** 24
`
const BUSY = 5
const IO_ERROR = 10

async function told(script: string): Promise<unknown> {
  await using dir = await tempDir()
  const node = [process.execPath, '--conditions=@shardex/source', '--input-type=module-typescript', '-e', LIMITED + script]
  const limited = ['-c', 'ulimit -f 4096; exec "$@"', 'sh', ...node, dir.file('index.db')]
  return JSON.parse(execFileSync('sh', limited, { encoding: 'utf8' }))
}

// What lies in the log when a sync fails may never reach the disk, and when the power goes nothing behind it counts.
describe.runIf(process.platform === 'linux')('after an error of the disk the log is emptied', () => {
  test('at once', async () => {
    const facts = await told(`
      database.unsyncedTransaction(() => database.exec('INSERT INTO t VALUES (1)'))
      const before = logBytes()
      const error = refused(TOO_MUCH)
      const after = logBytes()
      add(2)
      console.log(JSON.stringify([before > 0, error, after, logBytes() > 0]))`)
    expect(facts).toEqual([true, IO_ERROR, 0, true])
  })

  test('before anything else is written, if somebody was reading', async () => {
    const facts = await told(`
      add(1)
      using reader = new Database(path, 100)
      reader.exec('BEGIN; SELECT * FROM t')
      add(2)
      const error = refused(TOO_MUCH)
      const again = refused(3)
      const kept = logBytes()
      reader.exec('COMMIT')
      add(4)
      console.log(JSON.stringify([error, again, logBytes() < kept]))`)
    expect(facts).toEqual([IO_ERROR, BUSY, true])
  })
})
