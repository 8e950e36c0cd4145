import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import * as read from 'shardex/read'
import { expect, test } from 'vitest'
import { describeChromium, startChromium } from '../services/chromium.ts'
import { tempDir } from '../services/index.ts'
import { exportTo } from './export-to.ts'
import { observe } from './observe.ts'
import { insertPictures } from './pictures.ts'
import { openSite } from './static-site.ts'

const DOOR = fileURLToPath(new URL('../../packages/cli/src/read.ts', import.meta.url))

await describeChromium('the reading half', () => {
  test('comes to the same in Chromium as in Node, whatever is read', { timeout: 240_000 }, async () => {
    await using dir = await tempDir('browser')
    await using repo = await insertPictures(dir, 48)
    await repo.writeManifests('pictures')
    await exportTo(dir, 'site')
    // A tar that nobody has described, and a server that gives a page for what it does not have.
    const shards = dir.file('site/shards')
    const [shard] = (await readdir(shards)).filter((name) => name.endsWith('.tar')).sort()
    await copyFile(`${shards}/${shard}`, dir.file('site/foreign.tar'))
    await mkdir(dir.file('site/broken/names'), { recursive: true })
    await writeFile(dir.file('site/broken/names/pictures.json'), '<!doctype html>')
    await bundle(dir.file('site'))
    await writeFile(dir.file('site/index.html'), '<!doctype html><link rel="icon" href="data:,">')
    await using site = await openSite(dir.file('site'))

    const inNode = await observe(read, site.url)
    expect(inNode).toMatchObject({ names: ['pictures', 'pixels'], verdicts: [true, false] })

    await using browser = await startChromium()
    const page = await browser.newPage()
    page.setDefaultTimeout(0)
    await page.goto(site.url)
    const script = `import('/read.js').then((read) => (${observe})(read, location.href))`
    expect(await page.evaluate<Awaited<ReturnType<typeof observe>>>(script)).toEqual(JSON.parse(JSON.stringify(inNode)))
  })
})

async function bundle(folder: string): Promise<void> {
  const conditionNames = ['@shardex/source', 'browser', 'import']
  await using build = await rolldown({ input: DOOR, platform: 'browser', resolve: { conditionNames } })
  await build.write({ dir: folder, format: 'es' })
}
