import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import * as node from '../src/platform/node.ts'
import * as browser from '../src/platform/web.ts'

/** What a browser has must do for whatever was written for Node. */
const web: typeof node = browser

const bytes = fc.uint8Array({ maxLength: 3000 })

describe('a browser comes to the same as Node', () => {
  test('for CRC-32, of bytes and of text', () => {
    fc.assert(fc.property(bytes, (input) => void expect(web.crc32(input)).toBe(node.crc32(input))))
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void expect(web.crc32(text)).toBe(node.crc32(text))))
    const offset = new Uint8Array(1000).fill(7).subarray(13, 510)
    expect(web.crc32(offset)).toBe(node.crc32(offset))
  })

  test('for SHA-256, at once and piece by piece', () => {
    fc.assert(fc.property(bytes, (input) => void expect(hex(web.sha256(input))).toBe(hex(node.sha256(input)))))
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (pieces) => {
        const [ours, theirs] = [web.runningSha256(), node.runningSha256()]
        for (const piece of pieces) for (const running of [ours, theirs]) running.update(piece)
        expect(hex(ours.digest())).toBe(hex(theirs.digest()))
      }),
    )
  })

  test('for text, whatever the bytes are', () => {
    const cut = fc.tuple(bytes, fc.nat(3000), fc.nat(3000))
    fc.assert(
      fc.property(cut, ([input, a, b]) => {
        const [start, end] = [Math.min(a, b, input.length), Math.min(Math.max(a, b), input.length)]
        expect(web.textIn(input)(start, end)).toBe(node.textIn(input)(start, end))
      }),
    )
    expect(web.textIn(new TextEncoder().encode('\ufeffgrüße 😀'))(0, 15)).toBe('\ufeffgrüße 😀')
  })

  test.each([
    ['Node', node],
    ['a browser', web],
  ])('and %s gives back what was put aside', async (_, platform) => {
    const pieces = [Uint8Array.of(1, 2), new Uint8Array(100_000).fill(3), new Uint8Array()]
    await using aside = await platform.putAside(arriving(pieces), {})
    const found: Uint8Array[] = []
    for await (const chunk of aside.chunks) found.push(chunk)
    expect(Buffer.concat(found).equals(Buffer.concat(pieces))).toBe(true)
    const reason = new Error('enough')
    await expect(platform.putAside(arriving(pieces), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

test('a browser warns on its console', () => {
  using _ = silenced((text) => expect(text).toBe('shard.corrupt: a sample is damaged'))
  web.warn('a sample is damaged', 'shard.corrupt')
  expect.assertions(1)
})

function silenced(hear: (text: string) => void): Disposable {
  const spy = vi.spyOn(console, 'warn').mockImplementation(hear)
  return { [Symbol.dispose]: () => spy.mockRestore() }
}

async function* arriving(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

function hex(input: Uint8Array): string {
  return Buffer.from(input).toString('hex')
}
