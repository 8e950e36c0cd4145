import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT: string = fileURLToPath(new URL('..', import.meta.url))

/** Which floor each package lives on. A package imports only from floors below its own. */
export const FLOORS: Readonly<Record<string, number>> = {
  '@shardex/errors': 0,
  '@shardex/schema': 1,
  '@shardex/storage': 1,
  '@shardex/index': 2,
  '@shardex/repo': 3,
  '@shardex/atproto-bridge': 4,
  shardex: 5,
}

export interface Manifest {
  name: string
  version: string
  license?: string
  type?: string
  engines?: Record<string, string>
  exports?: Record<string, unknown>
  imports?: Record<string, unknown>
  files?: string[]
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  [more: string]: unknown
}

export interface Package {
  /** Relative to the root: `packages/errors`. */
  readonly folder: string
  readonly manifest: Manifest
  /** Every import of its sources. */
  readonly imports: readonly Import[]
}

export interface Import {
  /** Relative to the root, with the line: `packages/repo/src/insert.ts:3`. */
  readonly at: string
  readonly file: string
  readonly specifier: string
}

/** Every package, lowest floor first. */
export function readHouse(): Package[] {
  return readdirSync(join(ROOT, 'packages'))
    .map((name) => `packages/${name}`)
    .filter((folder) => existsSync(join(ROOT, folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readJson<Manifest>(`${folder}/package.json`), imports: readImports(folder) }))
    .sort((a, b) => (FLOORS[a.manifest.name] ?? 99) - (FLOORS[b.manifest.name] ?? 99) || (a.folder < b.folder ? -1 : 1))
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T
}

function readImports(folder: string): Import[] {
  const src = join(ROOT, folder, 'src')
  if (!existsSync(src)) return []
  return readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .flatMap((entry) => importsOf(join(entry.parentPath, entry.name)))
}

function importsOf(path: string): Import[] {
  const file = relative(ROOT, path)
  // Examples in doc comments import too; they are for users and follow no floors. Lines are kept for the line numbers.
  const code = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ''))
  return [...code.matchAll(IMPORT)].map((match) => ({
    at: `${file}:${code.slice(0, match.index).split('\n').length}`,
    file,
    specifier: match.slice(1).find((group) => group !== undefined) ?? '',
  }))
}

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`. */
const IMPORT =
  /^(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s*as\s+[\w$]+)?)?\s*from\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm
