import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { pythonWithAtdata, run } from '../services/index.ts'
import { describeAtdata } from './atdata.ts'

const OURS = fileURLToPath(new URL('../../packages/atproto-bridge/lexicons/science/alt/dataset', import.meta.url))
const WHERE = 'import atdata, os; print(os.path.dirname(atdata.__file__))'

await describeAtdata('our lexicons and those that atdata comes with', () => {
  test('demand the same of every record', async () => {
    const atdata = (await run(await pythonWithAtdata(), ['-c', WHERE])).trim()
    const theirs = await readLexicons(join(atdata, 'lexicons/science/alt/dataset'))
    const ours = await readLexicons(OURS)
    expect(Object.keys(theirs).filter((name) => !(name in ours))).toEqual(['resolveLabel.json', 'resolveSchema.json'])
    for (const [name, lexicon] of Object.entries(ours)) expect(lexicon, name).toEqual(theirs[name])
  })
})

async function readLexicons(folder: string): Promise<Record<string, unknown>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, demandsOf(await readFile(join(folder, name), 'utf8'))])),
  )
}

/** What a lexicon says without its prose, without names for the values of an enumeration (nothing is held against those), and without what is no word of lexicons. */
function demandsOf(text: string): unknown {
  const { id } = JSON.parse(text) as { id: string }
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value === 'string' && value.startsWith('#')) return id + value
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    if ('required' in value && Array.isArray(value.required)) value.required.sort()
    return Object.fromEntries(
      Object.entries(value).filter(
        ([key, inner]) =>
          !(['description', 'pattern'].includes(key) && typeof inner === 'string') && Object(inner).type !== 'token',
      ),
    )
  })
}
