import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'
import { Dataset } from '../src/index.ts'
import { Tiny, tinies } from './images.ts'
import { describeSettings } from './settings.ts'

/** The door for browsers, as a script for a place that has nothing of Node. */
async function bundle(): Promise<string> {
  const input = fileURLToPath(new URL('../src/proof.ts', import.meta.url))
  await using build = await rolldown({ input, platform: 'browser', logLevel: 'silent' })
  const { output } = await build.generate({ format: 'iife', name: 'proof', minify: true })
  expect(output).toHaveLength(1)
  expect(output[0].imports).toEqual([])
  return output[0].code
}

describeSettings('proofs without Node', (open) => {
  test('a sample is proved by a script of less than 64 KiB', async () => {
    await using setting = await open()
    const [entry, dataset] = await setting.repo.insert(Dataset.from(Tiny, tinies(50)), 'proved', { maxcount: 10 })
    const proof = await dataset.prove('000000031')
    const payload = Tiny.pack({ id: 31, label: 'n31' })
    const code = await bundle()
    expect(code.length).toBeLessThan(65_536)
    const browser = {
      TextEncoder,
      TextDecoder,
      URL,
      Uint8Array,
      sample: { key: '000000031', payload },
      cid: entry.contentCid,
      proof,
    }
    const verified = (sample: string) =>
      runInNewContext(`${code}; proof.verifyProof(cid, ${sample}, given)`, { ...browser, given: proof })
    expect(verified('sample')).toBe(true)
    expect(verified("{ ...sample, key: '000000032' }")).toBe(false)
  })
})
