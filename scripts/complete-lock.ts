/**
 * Names in package-lock.json the builds of native packages for platforms that the registry at hand does not carry.
 *
 * npm leaves an optional dependency it cannot fetch out of the lock, and `npm ci` then refuses that lock because the
 * dependency is missing from it. What is added here is what the parent declares: name, version and platform. On that
 * platform npm fetches it from a registry that has it; elsewhere it is skipped. Run it after changing dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './house.ts'

interface Locked {
  version: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

const path = join(ROOT, 'package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Locked> }
const missing = Object.values(lock.packages).flatMap(({ optionalDependencies = {}, dev }) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !(`node_modules/${name}` in lock.packages))
    .map(([name, version]): [string, Locked] => [`node_modules/${name}`, entry(name, version, dev)]),
)
const [root, ...others] = [...Object.entries(lock.packages), ...missing]
if (root) lock.packages = Object.fromEntries([root, ...others.sort(([a], [b]) => a.localeCompare(b, 'en'))])
if (missing.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${missing.length} platform packages added to package-lock.json`)

function entry(name: string, version: string, dev: boolean | undefined): Locked {
  const words = name.split(/[/-]/)
  const pick = (known: readonly string[]): string[] => known.filter((word) => words.includes(word))
  const os = pick(['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'])
  const cpu = pick(['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'])
  // A package that would be fetched here belongs into the lock by way of npm, with its integrity.
  if (os.length === 0 || cpu.length === 0)
    throw new Error(`${name}@${version} is not in the lock, and no platform can be read from its name`)
  const musl = words.some((word) => word.startsWith('musl'))
  return { version, cpu, ...(dev && { dev }), ...(os[0] === 'linux' && { libc: [musl ? 'musl' : 'glibc'] }), optional: true, os }
}
