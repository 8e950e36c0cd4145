/**
 * Holds every package to the shape of the house: `node scripts/check-packages.ts` lists what is wrong and fails,
 * `--write` puts manifests and build configurations right (then `npm run format`); imports are for people to mend.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { checkImports } from './check-imports.ts'
import { FLOORS, type Manifest, type Package, ROOT, readHouse, readJson } from './house.ts'

const write = process.argv.includes('--write')
const house = readHouse()
const version = house[0]?.manifest.version ?? ''

/** Beside the one for everybody: contract suites, and what runs in a browser. */
const DOORS = {
  '.': 'index',
  './testing': 'testing',
  './proof': 'proof',
  './read': 'read',
  './static': 'static',
  './atmosphere': 'atmosphere',
}

/** What differs between Node and browsers. */
const PLATFORM = { browser: platform('web'), ...platform('node') }

const problems = [
  ...house.flatMap((one) => [
    ...(one.manifest.name in FLOORS ? [] : [`${one.folder}: ${one.manifest.name} has no floor; add it to scripts/house.ts`]),
    ...shape(`${one.folder}/package.json`, wantedManifest(one)),
    ...shape(`${one.folder}/tsconfig.json`, wantedBuild(one)),
  ]),
  ...shape('tsconfig.build.json', { files: [], references: house.map(({ folder }) => ({ path: folder })) }),
  ...versionsApart(),
  ...checkImports(house),
]
for (const problem of problems) console.error(problem)
console.log(`${house.length} packages, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

function wantedManifest({ folder, manifest }: Package): Manifest {
  const testing = existsSync(join(ROOT, folder, 'src/testing.ts'))
  const { dependencies } = manifest
  return {
    ...manifest,
    version,
    license: 'MIT',
    type: 'module',
    engines: { node: '>=24' },
    sideEffects: false,
    exports: Object.fromEntries(
      Object.entries(DOORS)
        .filter(([, file]) => existsSync(join(ROOT, folder, `src/${file}.ts`)))
        .map(([name, file]) => [name, door(file)]),
    ),
    ...(existsSync(join(ROOT, folder, 'src/platform/node.ts')) && { imports: { '#platform': PLATFORM } }),
    files: [...new Set(['dist', 'src', ...(manifest.files ?? []), '!**/*.tsbuildinfo'])],
    ...(dependencies && {
      dependencies: Object.fromEntries(
        Object.entries(dependencies).map(([name, range]) => [name, name in FLOORS ? version : range]),
      ),
    }),
    // The contract suites need vitest; whoever only uses the package does not.
    ...(testing && { peerDependencies: { vitest: '>=5' }, peerDependenciesMeta: { vitest: { optional: true } } }),
  }
}

/** The source condition comes first: Node takes the first that fits. */
function door(file: string): Record<string, string> {
  return { '@shardex/source': `./src/${file}.ts`, types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` }
}

function platform(file: string): Record<string, string> {
  return { '@shardex/source': `./src/platform/${file}.ts`, default: `./dist/platform/${file}.js` }
}

function wantedBuild({ manifest }: Package): object {
  const below = Object.keys(manifest.dependencies ?? {}).filter((name) => name in FLOORS)
  return {
    extends: '../../tsconfig.base.json',
    compilerOptions: { composite: true, rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
    include: ['src'],
    references: house
      .filter((one) => below.includes(one.manifest.name))
      .map(({ folder }) => ({ path: `../${folder.split('/')[1]}` })),
  }
}

/** One version of each foreign package in the whole house, pinned. */
function versionsApart(): string[] {
  const ranges = new Map<string, string>()
  return house.flatMap(({ folder, manifest }) =>
    Object.entries(manifest.dependencies ?? {}).flatMap(([name, range]) => {
      const first = ranges.get(name) ?? range
      ranges.set(name, first)
      if (!/^\d+\.\d+\.\d+$/.test(range)) return [`${folder}/package.json: ${name} is ${range}, wanted an exact version`]
      return first === range ? [] : [`${folder}/package.json: ${name} is ${range}, elsewhere ${first}`]
    }),
  )
}

function shape(path: string, wanted: object): string[] {
  const found = existsSync(join(ROOT, path)) ? readJson<object>(path) : undefined
  // Key order counts: it decides which export condition wins.
  if (isDeepStrictEqual(found, wanted) && JSON.stringify(found) === JSON.stringify(wanted)) return []
  if (!write) return [`${path} is out of shape; node scripts/check-packages.ts --write puts it right`]
  writeFileSync(join(ROOT, path), `${JSON.stringify(wanted, null, 2)}\n`)
  return []
}
