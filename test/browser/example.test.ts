import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { Dataset, StaticIndex } from 'shardex/read'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPage } from '../../examples/browser/build-page.ts'
import { describeChromium, startChromium } from '../services/chromium.ts'
import { startChild, type TempDir, tempDir, untilReady } from '../services/index.ts'
import { exportTo } from './export-to.ts'
import { colourOf, insertPictures } from './pictures.ts'
import { openSite, type Site } from './static-site.ts'

const COUNT = 48
const CORS = { 'access-control-allow-origin': '*' }

await describeChromium('the page of examples/browser in Chromium', () => {
  let dir: TempDir
  let site: Site
  let browser: Browser
  beforeAll(async () => {
    dir = await tempDir('browser')
    await using _ = await insertPictures(dir, COUNT)
    await exportTo(dir, 'site/index')
    await buildPage(dir.file('site'))
    site = await openSite(dir.file('site'))
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await site?.[Symbol.asyncDispose]()
    await dir?.[Symbol.asyncDispose]()
  })

  test.each(['pictures', 'pixels'])(
    'finds %s by name, proves a sample and draws all in the order that Node has',
    async (name) => {
      const { page, errors } = await open(browser, `${site.url}?name=${name}&seed=7`)
      expect(await page.textContent('h1')).toBe(`${name}, ${COUNT} samples`)
      const index = new StaticIndex(`${site.url}index/`)
      const entry = (await index.getEntryByName(name))!
      expect(await page.textContent('[role=status]')).toBe(`“000000000” belongs to ${entry.contentCid}`)

      const inNode: string[] = []
      for await (const { __key__ } of Dataset.from(await index.decodeSchema(entry.schemaRef), entry).shuffled({ seed: 7 }))
        inNode.push(__key__)
      expect(inNode.toSorted()).not.toEqual(inNode)
      const drawn = await pictures(page)
      expect(drawn.map(({ key }) => key)).toEqual(inNode)
      expect(drawn).toEqual(inNode.map((key) => ({ key, size: [8, 8], pixel: [...colourOf(Number(key)), 255] })))
      expect(errors).toEqual([])
      await page.close()
    },
  )

  test('asks for parts of shards by ranges, and never for a whole one', async () => {
    const before = site.answers.length
    const { page } = await open(browser, `${site.url}?name=pictures`)
    const shards = site.answers.slice(before).filter(({ path }) => path.endsWith('.tar'))
    expect(shards.length).toBeGreaterThan(5)
    for (const { range, status } of shards)
      expect({ range, status }).toEqual({ range: expect.stringMatching(/^bytes=\d+-/) as string, status: 206 })
    await page.close()
  })

  test('reads what another origin has, if that says so', async () => {
    await using data = await openSite(dir.file('site'), {
      headers: { ...CORS, 'access-control-expose-headers': 'Content-Range' },
    })
    const { page, errors } = await open(browser, `${site.url}?index=${data.url}index/&name=pictures`)
    expect(await pictures(page)).toHaveLength(COUNT)
    expect(errors).toEqual([])
    await page.close()
  })

  test.each([
    ['', 'Content-Range'],
    ['If-Range, Range', 'Content-Range, ETag'],
  ])('reads on where an answer broke off, with the headers "%s" allowed and %s exposed', async (allowed, exposed) => {
    const headers = { ...CORS, 'access-control-allow-headers': allowed, 'access-control-expose-headers': exposed }
    await using data = await openSite(dir.file('site'), { headers, breaksOnce: '.tar' })
    const { page } = await open(browser, `${site.url}?index=${data.url}index/&name=pictures`)
    expect(await pictures(page)).toHaveLength(COUNT)
    expect(data.broken.size).toBe(5)
    await page.close()
  })

  test('reads what a server would rather send compressed', async () => {
    await exportTo(dir, 'compressed/index', '--name', 'pictures')
    await buildPage(dir.file('compressed'))
    for (const file of await readdir(dir.file('compressed'), { recursive: true, withFileTypes: true })) {
      const path = `${file.parentPath}/${file.name}`
      if (file.isFile()) await writeFile(`${path}.gz`, gzipSync(await readFile(path)))
    }
    await using compressed = await openSite(dir.file('compressed'))
    const { page } = await open(browser, compressed.url)
    expect(await pictures(page)).toHaveLength(COUNT)
    await page.close()
  })

  test('says which header is missing if another origin hides the ranges', async () => {
    await using data = await openSite(dir.file('site'), { headers: CORS })
    const { page } = await open(browser, `${site.url}?index=${data.url}index/&name=pictures`, 'failed')
    expect(await page.textContent('[role=alert]')).toContain('Access-Control-Expose-Headers: Content-Range')
    await page.close()
  })

  test('shows no picture that is not what was written', async () => {
    await exportTo(dir, 'damaged/index', '--name', 'pictures')
    await buildPage(dir.file('damaged'))
    const shards = dir.file('damaged/index/shards')
    for (const name of (await readdir(shards)).filter((each) => each.endsWith('.tar'))) {
      const bytes = await readFile(`${shards}/${name}`)
      bytes[540]! ^= 1
      await writeFile(`${shards}/${name}`, bytes)
    }
    await using damaged = await openSite(dir.file('damaged'))
    const { page } = await open(browser, damaged.url, 'failed')
    expect(await page.textContent('[role=alert]')).toMatch(/sample "000000000" at byte 512 of .* is damaged: found CRC-32/)
    await page.close()
  })
})

test('examples/browser/serve.ts serves what lies at home, with the page', async () => {
  await using dir = await tempDir('browser')
  {
    await using _ = await insertPictures(dir, 3)
  }
  const program = fileURLToPath(new URL('../../examples/browser/serve.ts', import.meta.url))
  const env = { SHARDEX_HOME: dir.file('home'), PORT: '0' }
  await using child = await startChild(process.execPath, ['--conditions=@shardex/source', program], {
    logFile: dir.file('log'),
    env,
  })
  const url = await untilReady(async () => /http:\/\/\S+/.exec(await child.logTail())![0], { what: 'the example', child })
  expect(await (await fetch(url)).text()).toContain('<script type="module"')
  expect(await new StaticIndex(`${url}index/`).listNames()).toEqual(['pictures', 'pixels'])
})

async function open(browser: Browser, url: string, state = 'done'): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage()
  page.setDefaultTimeout(0)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(url)
  await page.waitForSelector('body[data-state]')
  const found = [await page.getAttribute('body', 'data-state'), await page.textContent('[role]')]
  expect(found).toEqual([state, expect.any(String)])
  return { page, errors }
}

/** What was drawn, in the order of the page. */
async function pictures(page: Page): Promise<{ key: string; size: number[]; pixel: number[] }[]> {
  return page.$$eval('figure', (figures) =>
    figures.map((figure) => {
      const canvas = figure.querySelector('canvas')!
      const pixel = canvas.getContext('2d')!.getImageData(3, 5, 1, 1).data
      return { key: figure.dataset['key'] ?? '', size: [canvas.width, canvas.height], pixel: Array.from(pixel) }
    }),
  )
}
