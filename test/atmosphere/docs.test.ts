import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { describePds, run, startPds, tempDir } from '../services/index.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const BIN = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url))
const text = await readFile(new URL('../../docs/atproto.md', import.meta.url), 'utf8')

const pieces = [...text.matchAll(/^```(ts|sh) run\n(.*?)^```\n\n```output\n(.*?)^```\n/gms)].map(
  ([, language = '', code = '', output = '']) => ({ language, code, output }),
)

/** What is not the same each time, and where the PDS of a test is. */
function plain(printed: string): string {
  return printed
    .replaceAll(/did:plc:[a-z2-7]{24}/g, 'did:plc:alice')
    .replaceAll(/http:\/\/localhost:\d+/g, 'https://pds.example.com')
    .replaceAll(/(science\.alt\.dataset\.\w+)\/[\w.:-]+/g, '$1/RKEY')
    .replaceAll(/ +$/gm, '')
}

/** A process for each piece. */
const TIMEOUT_MS = 240_000

await describePds('docs/atproto.md', () => {
  test('its code runs, and prints what it says', { timeout: TIMEOUT_MS }, async () => {
    await using pds = await startPds()
    await using dir = await tempDir('docs-atproto')
    const { password } = await pds.createAccount('alice.test', 'correct horse battery staple')
    await writeFile(dir.file('app-password'), `${password}\n`)
    const lines = Array.from({ length: 4 }, (_, i) => `{"label": ${i}, "writer": "w${i}"}\n`)
    await writeFile(dir.file('digits.jsonl'), lines.join(''))
    const identity = { plcUrl: pds.plcUrl, handleResolver: pds.url, allowPrivate: true }
    const env = {
      SHARDEX_HOME: dir.file('home'),
      XDG_CONFIG_HOME: dir.file('config'),
      SHARDEX_PLC_URL: pds.plcUrl,
      SHARDEX_HANDLE_RESOLVER: pds.url,
      SHARDEX_ALLOW_PRIVATE: '1',
      NO_COLOR: '1',
    }
    const inside = await mkdtemp(join(HERE, '.docs-')) // so that packages resolve
    try {
      await shell('shardex insert digits.jsonl --name digits', dir.path, env)
      for (const { language, code, output } of pieces) {
        const printed =
          language === 'sh'
            ? await shell(code, dir.path, env)
            : await typeScript(join(inside, 'piece.ts'), atThisPds(code, identity), dir.path, env)
        expect(plain(printed)).toBe(output)
      }
    } finally {
      await rm(inside, { recursive: true })
    }
  })
})

/** The code of the guide is for the accounts of the world. */
function atThisPds(code: string, identity: object): string {
  const options = JSON.stringify(identity)
  return code
    .replaceAll('new AtmosphereIndex()', `new AtmosphereIndex(${options})`)
    .replaceAll('new Sessions()', `new Sessions(${options})`)
    .replace('promote(entry!, repo.index, agent, {', 'promote(entry!, repo.index, agent, { allowPrivate: true,')
}

async function shell(code: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const script = code.replaceAll(/^shardex /gm, `"${process.execPath}" --conditions=@shardex/source "${BIN}" `)
  return run('sh', ['-ec', `cd "${cwd}"\n${script}`], env)
}

async function typeScript(file: string, code: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  await writeFile(file, code)
  const program = `process.chdir(${JSON.stringify(cwd)})\nawait import(${JSON.stringify(file)})`
  return run(process.execPath, ['--conditions=@shardex/source', '--input-type=module', '-e', program], env)
}
