import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Desk, Ended } from './desk.ts'

const BIN = fileURLToPath(new URL('../../src/bin.ts', import.meta.url))
const NOBODY = 65_534
/** Nobody, if we are root, who may read and write whatever the permissions say. */
const somebody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

/** A command line in a process of its own. */
export function startShardex(desk: Desk, argv: readonly string[], user: { uid?: number; gid?: number } = {}): ChildProcess {
  return spawn(process.execPath, ['--conditions=@shardex/source', BIN, ...argv], {
    cwd: desk.dir.path,
    env: { PATH: process.env['PATH'] ?? '', ...desk.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  })
}

export async function endOf(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'close') as Promise<[number]>,
  ])
  return { code, stdout, stderr }
}

/** To the end, by a user for whom permissions count, and who owns all that is on the desk. */
export async function runUnprivileged(desk: Desk, argv: readonly string[]): Promise<Ended> {
  if (somebody.uid !== undefined) {
    for (const name of ['.', ...(await readdir(desk.dir.path, { recursive: true }))])
      await chown(join(desk.dir.path, name), somebody.uid, somebody.gid)
  }
  return await endOf(startShardex(desk, argv, somebody))
}
