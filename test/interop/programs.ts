import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { canInstall, install } from '../services/apt.ts'
import { findProgram, run } from '../services/index.ts'

/** Pinned: what these tests say about other programs, they say about these versions. */
export const WEBDATASET_VERSION = '1.0.2'
const MSGPACK_VERSION = '1.1.2'

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/shardex/', import.meta.url))

/** The path of a program, installed from Debian's packages if it is missing and may be. Throws where it cannot be had. */
export async function needProgram(name: string, debianPackage: string): Promise<string> {
  const found = findProgram(name)
  if (found !== undefined) return found
  if (!canInstall()) throw new Error(`these tests need ${name}: install ${debianPackage}`)
  await install([debianPackage])
  return needProgram(name, debianPackage)
}

/** A Python with the real webdataset and msgpack, made once per checkout. */
export async function pythonWithWebdataset(): Promise<string> {
  const home = `${CACHE}python-webdataset-${WEBDATASET_VERSION}`
  const python = `${home}/bin/python`
  if (existsSync(python)) return python
  const system = await needProgram('python3', 'python3')
  const making = `${home}.${process.pid}`
  // Debian's python3 comes without venv; whoever has it has pip inside too.
  const hasVenv = await run(system, ['-c', 'import ensurepip']).then(
    () => true,
    () => false,
  )
  if (!hasVenv && canInstall()) await install(['python3-venv'])
  await run(system, ['-m', 'venv', making])
  await run(`${making}/bin/python`, [
    '-m',
    'pip',
    'install',
    '-q',
    `webdataset==${WEBDATASET_VERSION}`,
    `msgpack==${MSGPACK_VERSION}`,
  ])
  await rename(making, home).catch(() => rm(making, { recursive: true, force: true })) // another test file was faster
  return python
}
