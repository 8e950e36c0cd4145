import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { RedisPlace, SqlitePlace } from './places.ts'

export type Fields = Record<string, string | number>

/** What lies in the raw storage of a name, whatever spells it. */
export interface Raw {
  readonly records: readonly Fields[]
  readonly head: Fields | undefined
}

export interface RawAccess extends Disposable {
  read(): Promise<Raw>
  write(raw: Raw): Promise<void>
}

export function rawSqlite({ path }: SqlitePlace, name: string): RawAccess {
  const database = new DatabaseSync(path)
  const rows = (sql: string): Fields[] =>
    database
      .prepare(sql)
      .all(name)
      .map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Fields)
  const insert = (table: string, row: Fields): void => {
    const columns = Object.keys(row)
    const sql = `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
    database.prepare(sql).run(...(Object.values(row) as SQLInputValue[]))
  }
  return {
    async read() {
      const records = rows('SELECT * FROM shardex_history WHERE name = ? ORDER BY revision').map(
        ({ name: _, ...record }) => record,
      )
      const [head] = rows('SELECT * FROM shardex_names WHERE name = ?').map(({ name: _, ...fields }) => fields)
      return { records, head }
    },
    async write({ records, head }) {
      database.exec('BEGIN')
      for (const table of ['shardex_history', 'shardex_names']) database.prepare(`DELETE FROM ${table} WHERE name = ?`).run(name)
      // A table that demands a value gets an empty one in place of none.
      for (const record of records) insert('shardex_history', { name, operation: '', at_ms: 0, ...record })
      if (head) insert('shardex_names', { name, revision: 0, at_ms: 0, record: '', ...head })
      database.exec('COMMIT')
    },
    [Symbol.dispose]: () => database.close(),
  }
}

export function rawRedis({ redis, keyPrefix }: RedisPlace, name: string): RawAccess {
  const [history, head] = [`${keyPrefix}shardex:history:${name}`, `${keyPrefix}shardex:name:${name}`]
  return {
    async read() {
      const flat = await redis.zrange(history, '0', '-1', 'WITHSCORES')
      const records = Array.from({ length: flat.length / 2 }, (_, i) => ({
        revision: Number(flat[2 * i + 1]),
        ...(JSON.parse(flat[2 * i] ?? '') as Fields),
      }))
      const { revision, at_ms: atMs, ...texts } = await redis.hgetall(head)
      return { records, head: { revision: Number(revision), at_ms: Number(atMs), ...texts } }
    },
    async write({ records, head: fields }) {
      const transaction = redis.multi().del(history, head)
      for (const { revision = 0, ...record } of records) transaction.zadd(history, revision, JSON.stringify(record))
      if (fields) transaction.hset(head, fields)
      await transaction.exec()
    },
    [Symbol.dispose]() {},
  }
}
