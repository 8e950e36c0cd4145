import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Put the page and its script into a folder. In a project of your own your bundler does this, with no settings. */
export async function buildPage(folder: string): Promise<void> {
  await using build = await rolldown({
    input: here('main.ts'),
    platform: 'browser',
    resolve: { conditionNames: ['@shardex/source', 'browser', 'import'] },
  })
  await build.write({ dir: folder, format: 'es', minify: true })
  await cp(here('index.html'), join(folder, 'index.html'))
}
