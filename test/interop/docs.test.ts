import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ATDATA_VERSION, freshBucket, freshRedis, pythonWithAtdata, run, tempDir, WEBDATASET_VERSION } from '../services/index.ts'
import { describeAtdata } from './atdata.ts'
import { describeServers, serverOfPlaces } from './places.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const text = await readFile(new URL('../../docs/interop.md', import.meta.url), 'utf8')

interface Piece {
  readonly language: string
  readonly onServers: boolean
  readonly code: string
  readonly output: string
}

const pieces: readonly Piece[] = [
  ...text.matchAll(/^```(ts|python) run( servers)?\n(.*?)^```\n(?:\n```output\n(.*?)^```\n)?/gms),
].map(([, language = '', servers, code = '', output = '']) => ({ language, onServers: servers !== undefined, code, output }))

await describeAtdata('docs/interop.md', () => {
  test('its code runs on one machine, and prints what it says', async () => {
    await runPieces(
      pieces.filter(({ onServers }) => !onServers),
      {},
    )
  })

  describeServers('with servers', () => {
    test('its code runs, and prints what it says', async () => {
      const server = serverOfPlaces()
      await using redis = await freshRedis()
      await using bucket = await freshBucket(server)
      await using dir = await tempDir('docs-env')
      await writeFile(
        dir.file('s3.env'),
        `AWS_ENDPOINT=${server.endpoint}\nAWS_ACCESS_KEY_ID=${server.accessKeyId}\nAWS_SECRET_ACCESS_KEY=${server.secretAccessKey}\n`,
      )
      const env = { REDIS_URL: redis.url, S3: dir.file('s3.env'), BUCKET: bucket.name }
      await runPieces(
        pieces.filter(({ onServers }) => onServers),
        env,
      )
    })
  })
})

describe('docs/interop.md', () => {
  test('names the versions that are tested', async () => {
    const locked = await readFile(new URL('requirements.txt', import.meta.url), 'utf8')
    for (const [name, version] of [
      ['atdata', ATDATA_VERSION],
      ['webdataset', WEBDATASET_VERSION],
    ]) {
      expect(text).toContain(`| ${name} | ${version}`)
      expect(locked).toContain(`\n${name}==${version} `)
    }
  })

  test('lists the faults that tests show, and no others', async () => {
    const tests = await Promise.all(
      ['faults-reading', 'faults-registry', 'manifests', 'manifests-missing'].map((what) =>
        readFile(new URL(`atdata-${what}.test.ts`, import.meta.url), 'utf8'),
      ),
    )
    const shown = [...tests.join('').matchAll(/test\('([a-z0-9-]+): /g)].map(([, id]) => id)
    const listed = [...text.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, id]) => id)
    expect(shown.length).toBeGreaterThan(20)
    expect(listed.sort()).toEqual(shown.sort())
  })
})

async function runPieces(chosen: readonly Piece[], env: Readonly<Record<string, string>>): Promise<void> {
  expect(chosen.length).toBeGreaterThan(1)
  const python = await pythonWithAtdata()
  await using dir = await tempDir('docs')
  const inside = await mkdtemp(join(HERE, '.docs-')) // so that 'shardex' resolves
  try {
    for (const { language, code, output } of chosen) {
      const printed =
        language === 'python'
          ? await runPython(python, code, dir.path, env)
          : await runTypeScript(join(inside, 'piece.ts'), code, dir.path, env)
      expect(printed.replaceAll(/^# writing.*\n/gm, '')).toBe(output)
    }
  } finally {
    await rm(inside, { recursive: true })
  }
}

async function runTypeScript(file: string, code: string, folder: string, env: Readonly<Record<string, string>>): Promise<string> {
  await writeFile(file, code)
  const program = `process.chdir(${JSON.stringify(folder)})\nawait import(${JSON.stringify(file)})`
  return run(process.execPath, ['--conditions=@shardex/source', '--input-type=module', '-e', program], env)
}

function runPython(python: string, code: string, folder: string, env: Readonly<Record<string, string>>): Promise<string> {
  const program = `import os; os.chdir(${JSON.stringify(folder)})\n${code}`
  return run(python, ['-W', 'ignore', '-c', program], { ...env, HOME: folder })
}
