import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { canInstall, install } from './apt.ts'
import { run } from './child.ts'
import { needProgram } from './need-program.ts'

/** Pinned: what is said about other programs, is said about these versions. */
export const WEBDATASET_VERSION = '1.0.2'

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/shardex/', import.meta.url))

/** A Python with the real webdataset and msgpack. */
export function pythonWithWebdataset(): Promise<string> {
  return pythonWith([`webdataset==${WEBDATASET_VERSION}`, 'msgpack==1.1.2'])
}

/** The path of a Python with packages of PyPI, made once per checkout. Throws where it cannot be had. */
export async function pythonWith(requirements: readonly string[]): Promise<string> {
  const home = `${CACHE}python-${requirements.join('-').replaceAll('==', '-')}`
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
  await run(`${making}/bin/python`, ['-m', 'pip', 'install', '-q', ...requirements])
  await rename(making, home).catch(() => rm(making, { recursive: true, force: true })) // another one was faster
  return python
}
