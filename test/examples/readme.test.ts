import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { run, tempDir } from '../services/index.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

test('the code of the README runs and prints what it says', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```ts run\n(.*?)^```$/gms)].map((match) => match[1] ?? '')
  expect(blocks).toHaveLength(1)
  await using home = await tempDir('readme')
  const dir = await mkdtemp(join(root, 'examples/.readme-')) // inside, so that 'shardex' resolves
  try {
    await writeFile(join(dir, 'readme.ts'), blocks[0]!)
    const program = [
      `process.chdir(${JSON.stringify(home.path)})`,
      `await import(${JSON.stringify(join(dir, 'readme.ts'))})`,
    ].join('\n')
    const printed = await run(process.execPath, ['--conditions=@shardex/source', '--input-type=module', '-e', program], {
      SHARDEX_HOME: home.path,
    })
    expect(printed).toMatch(/^digits 1 bafyrei[a-z2-7]+\n(\[ 32, 28, 28 \] 32\n){3}\[ 4, 28, 28 \] 4\n9 9\ntrue\n$/)
  } finally {
    await rm(dir, { recursive: true })
  }
})
