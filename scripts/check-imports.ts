import { dirname, join, normalize } from 'node:path'
import { FLOORS, type Import, type Package } from './house.ts'

/** What is wrong with the imports of these packages, one sentence each. */
export function checkImports(house: readonly Package[]): string[] {
  return house.flatMap((one) => [...one.imports.flatMap((imported) => checkImport(one, imported, house)), ...unused(one)])
}

function checkImport({ folder, manifest }: Package, { at, file, specifier }: Import, house: readonly Package[]): string[] {
  if (specifier.startsWith('node:')) return []
  if (specifier.startsWith('#')) {
    const known = Object.hasOwn(manifest.imports ?? {}, specifier)
    return known ? [] : [`${at} imports ${specifier}, which ${folder}/package.json does not map`]
  }
  if (specifier.startsWith('.')) {
    const target = normalize(join(dirname(file), specifier))
    if (!target.startsWith(`${folder}/src/`))
      return [`${at} imports ${specifier}, which is outside of its package: use the other package's door`]
    if (target === `${folder}/src/index.ts`) return [`${at} imports its own door: import the file that holds the thing`]
    return []
  }
  const name = packageOf(specifier)
  if (name === manifest.name) return [`${at} imports its own package by name: import the file that holds the thing`]
  const problems: string[] = []
  if (!declared(manifest).has(name)) problems.push(`${at} imports ${name}, which ${folder}/package.json does not declare`)
  const other = house.find((one) => one.manifest.name === name)
  if (!other) return problems
  // With floors strictly below, no cycle between packages is possible.
  if (!(floor(name) < floor(manifest.name)))
    problems.push(`${at} imports ${name}, which is not on a floor below ${manifest.name}`)
  const door = `.${specifier.slice(name.length)}`
  if (!Object.hasOwn(other.manifest.exports ?? {}, door))
    problems.push(`${at} imports ${specifier}, which is not a door of ${name}`)
  return problems
}

/** A dependency that nothing imports is a burden for every user. Declared types and peers are not judged. */
function unused({ folder, manifest, imports }: Package): string[] {
  const used = new Set(imports.map(({ specifier }) => packageOf(specifier)))
  return Object.keys(manifest.dependencies ?? {})
    .filter((name) => !used.has(name))
    .map((name) => `${folder}/package.json declares ${name}, which nothing in src imports`)
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function declared({ dependencies, peerDependencies }: Package['manifest']): Set<string> {
  return new Set([...Object.keys(dependencies ?? {}), ...Object.keys(peerDependencies ?? {})])
}

function floor(name: string): number {
  return FLOORS[name] ?? Number.NaN
}
