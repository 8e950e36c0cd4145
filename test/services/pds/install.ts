import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findProgram } from '../find-program.ts'
import { onExit } from '../on-exit.ts'
import { oneAtATime } from '../one-at-a-time.ts'

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/shardex/', import.meta.url))
const LOCKED = ['package.json', 'package-lock.json'] as const

/**
 * The folder with the real PDS and the real PLC directory, exactly the packages that are locked beside this file, fetched once per checkout
 * (370 MB in half a minute). Throws where it cannot be had.
 */
export async function installPds(): Promise<string> {
  const texts = await Promise.all(LOCKED.map((name) => readFile(new URL(name, import.meta.url))))
  const digest = createHash('sha256').update(texts.join('\n')).digest('hex')
  const home = `${CACHE}pds-${digest.slice(0, 12)}`
  if (existsSync(home)) return home
  await using _ = await oneAtATime(`${home}.lock`)
  if (existsSync(home)) return home // another one made it meanwhile
  const npm = findProgram('npm')
  if (npm === undefined) throw new Error('a PDS for the tests is installed by npm, which is not on PATH')
  process.stderr.write(`installing a PDS into ${home}; the first time takes a minute…\n`)
  const making = `${home}.making`
  await rm(making, { recursive: true, force: true })
  await mkdir(making, { recursive: true })
  for (const name of LOCKED) await cp(new URL(name, import.meta.url), join(making, name))
  // None of its packages needs its install script: what is native comes built.
  await runToItsEnd(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', making])
  await rename(making, home)
  return home
}

/** Or to ours: a run of tests may be over before, and the next one shall not meet a process that writes to the same folder. */
async function runToItsEnd(npm: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`, NODE_OPTIONS: '' }
  const installing = promisify(execFile)(npm, args, { env, maxBuffer: 64 << 20 })
  const forget = onExit(() => installing.child.kill('SIGKILL'))
  try {
    await installing
  } catch (cause) {
    const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    throw new Error(`npm ${args[0]} failed: ${stderr.slice(-2000) || String(cause)}`, { cause })
  } finally {
    forget()
  }
}
