import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canInstall, install } from './apt.ts'
import { run } from './child.ts'
import { findProgram } from './find-program.ts'
import { needProgram } from './need-program.ts'
import { oneAtATime } from './one-at-a-time.ts'

/** Pinned: what is said about other programs, is said about these versions. */
export const WEBDATASET_VERSION = '1.0.2'
export const ATDATA_VERSION = '0.7.0b1'

/** atdata wants at least 3.12, and some of the packages that are locked are compiled for no later one than 3.13. */
const LOCKED_PYTHONS = ['3.12', '3.13']
const ATDATA_REQUIREMENTS = fileURLToPath(new URL('../interop/requirements.txt', import.meta.url))
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/shardex/', import.meta.url))

/** A Python with the real webdataset and msgpack. */
export function pythonWithWebdataset(): Promise<string> {
  return pythonWith([`webdataset==${WEBDATASET_VERSION}`, 'msgpack==1.1.2'])
}

/** The path of a Python with packages of PyPI, made once per checkout. Throws where it cannot be had. */
export async function pythonWith(requirements: readonly string[]): Promise<string> {
  const home = `${CACHE}python-${requirements.join('-').replaceAll('==', '-')}`
  return environment(home, () => needProgram('python3', 'python3'), requirements)
}

/**
 * A Python with the real atdata and all it depends on, exactly the files that are listed in `test/interop/requirements.txt`. It needs a Python of
 * its own, which `SHARDEX_TEST_PYTHON` may name. Throws where it cannot be had.
 */
export function pythonWithAtdata(): Promise<string> {
  return pythonWithLocked(`atdata-${ATDATA_VERSION}`, ATDATA_REQUIREMENTS)
}

/** A Python with exactly the files that a list names, with their hashes. @param name of the environment */
export async function pythonWithLocked(name: string, requirements: string): Promise<string> {
  const home = await lockedHome(name, requirements)
  const locked = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '-r', requirements]
  return environment(home, () => findPython(name), locked)
}

/** Whether {@link pythonWithLocked} would have to install anything. */
export async function hasPythonWithLocked(name: string, requirements: string): Promise<boolean> {
  return existsSync(pythonOf(await lockedHome(name, requirements)))
}

async function lockedHome(name: string, requirements: string): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
  return `${CACHE}python-${name}-${digest.slice(0, 12)}`
}

/** @param packages what pip is told to install */
async function environment(home: string, find: () => Promise<string>, packages: readonly string[]): Promise<string> {
  const python = pythonOf(home)
  if (existsSync(python)) return python
  const system = await find()
  await using _ = await oneAtATime(`${home}.lock`)
  if (existsSync(python)) return python // another one made it meanwhile
  process.stderr.write(`making ${home}; the first time takes a minute…\n`)
  const making = `${home}.making`
  await rm(making, { recursive: true, force: true })
  // Debian's python3 comes without venv; whoever has it has pip inside too.
  const hasVenv = await run(system, ['-c', 'import ensurepip']).then(
    () => true,
    () => false,
  )
  if (!hasVenv && canInstall()) await install(['python3-venv'])
  await run(system, ['-m', 'venv', making])
  await run(pythonOf(making), ['-m', 'pip', 'install', '-q', ...packages])
  await rename(making, home)
  return python
}

function pythonOf(home: string): string {
  return `${home}/bin/python`
}

async function findPython(purpose: string): Promise<string> {
  const given = process.env['SHARDEX_TEST_PYTHON']
  const found: string[] = []
  for (const python of given ? [given] : await pythons()) {
    const version = await run(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).catch(() => 'does not run')
    if (LOCKED_PYTHONS.includes(version.trim())) return python
    found.push(`${python} (${version.trim()})`)
  }
  const wanted = `${purpose} needs Python ${LOCKED_PYTHONS.join(' or ')}`
  throw new Error(`${wanted}; found ${found.join(', ') || 'none'}. Install one, or name it in SHARDEX_TEST_PYTHON.`)
}

/** On PATH, and where pyenv keeps those that are not. */
async function pythons(): Promise<string[]> {
  const onPath = [...LOCKED_PYTHONS.map((version) => `python${version}`), 'python3'].flatMap((name) => findProgram(name) ?? [])
  const shims = onPath.filter((path) => basename(dirname(path)) === 'shims').map((path) => dirname(dirname(path)))
  const roots = new Set([process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), ...shims])
  const ofPyenv: string[] = []
  for (const root of roots) {
    const versions = await readdir(join(root, 'versions')).catch(() => [])
    ofPyenv.push(...versions.sort().map((version) => join(root, 'versions', version, 'bin/python3')))
  }
  return [...onPath, ...ofPyenv]
}
