import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../child.ts'
import { findProgram } from '../find-program.ts'
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
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', making]
  await run(npm, args, { PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`, NODE_OPTIONS: '' })
  await rename(making, home)
  return home
}
