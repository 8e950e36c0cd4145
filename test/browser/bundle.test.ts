import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { beforeAll, describe, expect, test } from 'vitest'

/** A piece that a browser loads by itself. */
interface Chunk {
  readonly fileName: string
  readonly code: string
  readonly imports: readonly string[]
  readonly modules: readonly string[]
}

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

describe('shardex/read, bundled for a browser', () => {
  let first: Chunk
  let later: Chunk[]
  beforeAll(async () => {
    const conditionNames = ['@shardex/source', 'browser', 'import']
    await using build = await rolldown({
      input: at('packages/cli/src/read.ts'),
      platform: 'browser',
      resolve: { conditionNames },
    })
    const { output } = await build.generate({ format: 'es', minify: true })
    const chunks = output.map((chunk) => {
      if (chunk.type !== 'chunk') throw new Error(`${chunk.fileName} is no code`)
      const modules = Object.entries(chunk.modules).filter(([, { renderedLength }]) => renderedLength > 0)
      return { ...chunk, modules: modules.map(([path]) => path), imports: [...chunk.imports, ...chunk.dynamicImports] }
    })
    first = chunks[0]!
    later = chunks.slice(1)
  })

  test('asks for nothing but its own pieces, and for nothing of Node', () => {
    const pieces = [first, ...later].map(({ fileName }) => fileName)
    for (const { code, imports } of [first, ...later]) {
      expect(imports.filter((name) => !pieces.includes(name))).toEqual([])
      expect(code).not.toMatch(/["'`]node:/)
    }
  })

  test('brings along no registry, no S3 and no way to write', () => {
    const strange = /ioredis|@aws-sdk|@smithy|dotenv|\/(sqlite|redis|s3|file|ingest|write|gc|spool)\//
    expect(first.modules.filter((path) => strange.test(path))).toEqual([])
    expect(first.modules.length).toBeGreaterThan(80)
  })

  test('is as small as docs/browser.md says; what queries need comes when they are made', async () => {
    const text = await readFile(at('docs/browser.md'), 'utf8')
    const limits = [...text.matchAll(/(\d+) kB, (\d+) kB compressed/g)].map(([, ...kilobytes]) => kilobytes.map(Number))
    expect([first, ...later]).toHaveLength(limits.length)
    for (const [i, [minified = 0, gzipped = 0] = []] of limits.entries()) {
      const { code } = [first, ...later][i]!
      const found = { minified: code.length / 1000, gzipped: gzipSync(code).length / 1000 }
      expect(found.minified).toBeLessThan(minified)
      expect(found.gzipped).toBeLessThan(gzipped)
      expect(found.minified).toBeGreaterThan(minified * 0.85)
    }
    expect(first.modules.filter((path) => path.includes('hyparquet'))).toEqual([])
    expect(later.flatMap(({ modules }) => modules).filter((path) => !path.includes('hyparquet'))).toEqual([])
  })
})
