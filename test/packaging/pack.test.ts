import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findProgram, run, type TempDir, tempDir } from '../services/index.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGES = ['errors', 'schema', 'storage', 'index', 'repo', 'atproto-bridge', 'cli'] as const
const NPM = findProgram('npm') ?? 'npm'
/** Under `npm run` this Node comes first; npm and the installed bin must find the same one here. */
const ENV = { PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`, NODE_OPTIONS: '' }

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
}

describe('the packages as a user gets them', () => {
  let dir: TempDir
  let tarballs: string[]
  let manifests: Manifest[]

  beforeAll(async () => {
    dir = await tempDir('pack')
    await copyHouse(dir.file('house'))
    await run(join(ROOT, 'node_modules/.bin/tsc'), ['-b', dir.file('house/tsconfig.build.json')], ENV)
    await mkdir(dir.file('tarballs'))
    const folders = PACKAGES.map((name) => dir.file('house/packages', name))
    await run(NPM, ['pack', '--pack-destination', dir.file('tarballs'), ...folders], ENV)
    tarballs = (await readdir(dir.file('tarballs'))).map((name) => dir.file('tarballs', name))
    manifests = await Promise.all(
      folders.map(async (folder) => JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest),
    )
    await mkdir(dir.file('user'))
    await writeFile(dir.file('user/package.json'), '{ "private": true }\n')
    await run(NPM, ['install', '--prefix', dir.file('user'), '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], ENV)
  })
  afterAll(() => dir[Symbol.asyncDispose]())

  test('there is one tarball for every package of the house', async () => {
    expect(await readdir(join(ROOT, 'packages'))).toEqual([...PACKAGES].sort())
    expect(tarballs).toHaveLength(PACKAGES.length)
  })

  test('publint has nothing to say against any of them', async () => {
    const complaints = await Promise.all(
      manifests.map(async (manifest) => {
        // What is installed is what was packed: there is nothing else to pack in it.
        const { messages } = await publint({ pkgDir: dir.file('user/node_modules', manifest.name), pack: false })
        return messages.map((message) => `${manifest.name}: ${formatMessage(message, { ...manifest })}`)
      }),
    )
    expect(complaints.flat()).toEqual([])
  })

  test('every door opens under plain Node, without the source condition', async () => {
    // The contract suites (./testing) can be loaded inside a vitest run only; publint has seen that their files are there.
    const doors = manifests.flatMap(({ name, exports }) =>
      Object.keys(exports)
        .filter((door) => door !== './testing')
        .map((door) => name + door.slice(1)),
    )
    const script = `
      for (const door of ${JSON.stringify(doors)}) {
        const names = Object.keys(await import(door))
        console.log(door, new URL(import.meta.resolve(door)).pathname.endsWith('.js'), names.length > 0)
      }`
    await writeFile(dir.file('user/open-doors.mjs'), script)
    const printed = await run(process.execPath, [dir.file('user/open-doors.mjs')], ENV)
    expect(printed.trim().split('\n')).toEqual(doors.map((door) => `${door} true true`))
  })

  test('the installed library inserts and reads', async () => {
    await writeFile(dir.file('user/insert.mjs'), INSERT)
    const printed = await run(process.execPath, [dir.file('user/insert.mjs')], { ...ENV, SHARDEX_HOME: dir.file('home') })
    expect(printed).toBe('40 4000000\n')
  })

  test('the installed reading half is bundled for a browser by a bundler that is told nothing', async () => {
    await writeFile(
      dir.file('user/page.mjs'),
      "import { Dataset, StaticIndex } from 'shardex/read'\nconsole.log(Dataset, StaticIndex)\n",
    )
    await using build = await rolldown({ input: dir.file('user/page.mjs'), platform: 'browser' })
    const { output } = await build.generate({ format: 'es' })
    expect(output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.imports.filter((name) => isBuiltin(name)) : []))).toEqual([])
    expect(output[0].moduleIds.filter((path) => path.endsWith('/platform/web.js'))).toHaveLength(2)
    expect(output[0].moduleIds.filter((path) => path.endsWith('/platform/node.js'))).toEqual([])
  })

  test.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])(
    'a project of module %s and resolution %s finds the types of what differs between Node and browsers',
    async (module, moduleResolution) => {
      const compilerOptions = {
        noEmit: true,
        strict: true,
        skipLibCheck: true,
        target: 'es2024',
        types: [],
        module,
        moduleResolution,
      }
      await writeFile(dir.file('user/types.mts'), TYPES)
      await writeFile(dir.file('user/tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.mts'] }))
      expect(await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', dir.file('user/tsconfig.json')], ENV)).toBe('')
    },
  )

  test('the installed shardex command prints its help', async () => {
    const printed = await run(dir.file('user/node_modules/.bin/shardex'), ['--help'], ENV)
    expect(printed).toMatch(/shardex insert/)
  })
})

/** More than a chunk, so that the hash thread, a file of its own, has to start. */
const INSERT = `
import { Dataset, bytes, defineSample, Repo } from 'shardex'
const Blob = defineSample('Blob', { blob: bytes() })
const samples = Array.from({ length: 40 }, (_, i) => ({ blob: new Uint8Array(100_000).fill(i) }))
await using repo = new Repo()
const [entry] = await repo.insert(Dataset.from(Blob, samples), 'blobs')
let total = 0
for await (const { blob } of await repo.open('blobs', { type: Blob, verify: 'sha256' })) total += blob.length
console.log(entry.sampleCount, total)
`

/** What has no type would be anything, also a number. */
const TYPES = `
import { openFileStore } from '@shardex/storage'
import { openStorage } from 'shardex/read'
// @ts-expect-error
export const file: number = openFileStore
// @ts-expect-error
export const storage: number = openStorage
`

/** The house as a fresh clone has it, nothing built yet, where packages meet only each other and their dependencies. */
async function copyHouse(to: string): Promise<void> {
  await mkdir(join(to, 'node_modules/@shardex'), { recursive: true })
  for (const file of ['package.json', 'tsconfig.base.json', 'tsconfig.build.json']) await cp(join(ROOT, file), join(to, file))
  await cp(join(ROOT, 'packages'), join(to, 'packages'), {
    recursive: true,
    filter: (path) => !/\/(node_modules|dist|test)$/.test(path),
  })
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (name !== '@shardex' && name !== 'shardex' && !name.startsWith('.')) {
      await symlink(join(ROOT, 'node_modules', name), join(to, 'node_modules', name))
    }
  }
  for (const name of PACKAGES)
    await symlink(join(to, 'packages', name), join(to, 'node_modules', name === 'cli' ? 'shardex' : `@shardex/${name}`))
}
