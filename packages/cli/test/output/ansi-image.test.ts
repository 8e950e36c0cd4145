import { describe, expect, test } from 'vitest'
import { ansiImage } from '../../src/output/ansi-image.ts'

describe('ansiImage', () => {
  test('two rows of pixels are one line of half blocks, and transparency is left to the terminal', () => {
    const red = [255, 0, 0, 255]
    const blue = [0, 0, 255, 255]
    const clear = [9, 9, 9, 0]
    const picture = ansiImage(Uint8Array.from([...red, ...clear, ...clear, ...blue, ...blue, ...clear]), 3, 2)
    expect(picture).toBe(
      ['\x1b[0m\x1b[38;2;255;0;0m\x1b[48;2;0;0;255m▀', '\x1b[0m\x1b[38;2;0;0;255m▄', '\x1b[0m ', '\x1b[0m'].join(''),
    )
  })

  test('a picture is scaled down to the width and keeps its shape', () => {
    const lines = ansiImage(new Uint8Array(64 * 48 * 4).fill(255), 64, 48, { width: 16 }).split('\n')
    expect(lines).toHaveLength(6)
    expect(lines[0]).toBe(`\x1b[0m\x1b[38;2;255;255;255m\x1b[48;2;255;255;255m${'▀'.repeat(16)}\x1b[0m`)
  })

  test('bytes that do not fit the size are misuse', () => {
    expect(() => ansiImage(new Uint8Array(5), 1, 1)).toThrow(TypeError)
    expect(() => ansiImage(new Uint8Array(0), 0, 0)).toThrow(TypeError)
  })
})
