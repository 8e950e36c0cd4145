import { describe, expect, test } from 'vitest'
import { displayWidth } from '../src/output/width.ts'
import { openProgress } from '../src/progress.ts'

function terminal(columns = 80): { isTTY: boolean; columns: number; written: string[]; write(text: string): void } {
  const written: string[] = []
  return { isTTY: true, columns, written, write: (text) => void written.push(text) }
}

function clock(): { now: () => number; pass: (ms: number) => void } {
  let ms = 1000
  const pass = (more: number): void => {
    ms += more
  }
  return { now: () => ms, pass }
}

describe('progress', () => {
  test('shows share, count, bytes, rate and the time left on one line', () => {
    const stream = terminal(120)
    const { now, pass } = clock()
    const progress = openProgress({ stream, now, total: 4000, unit: 'samples', label: 'insert', colour: false })
    pass(2000)
    progress.update(1000, { bytes: 3_000_000, text: 'shard 000001.tar' })
    expect(stream.written).toEqual([
      '\r\x1b[2Kinsert ━━━━━━──────────────────  25%  1,000 / 4,000 samples  3.00 MB  500/s  6.0 s left  shard 000001.tar',
    ])
  })

  test.each([80, 0])('keeps rate and time left where there are %i columns', (columns) => {
    const stream = terminal(columns)
    const { now, pass } = clock()
    const progress = openProgress({ stream, now, total: 3786, unit: 'samples', label: 'writing', colour: false })
    pass(2000)
    progress.update(1000, { bytes: 3_000_000 })
    expect(stream.written).toEqual(['\r\x1b[2Kwriting ━━━────────────  26%  1,000 / 3,786 samples  3.00 MB  500/s  5.6 s left'])
    expect(displayWidth(stream.written[0]?.slice(5) ?? '')).toBeLessThan(80)
  })

  test('drops the bar, then fields from the right, where it is narrow', () => {
    for (const [columns, line] of [
      [64, 'writing  26%  1,000 / 3,786 samples  3.00 MB  500/s  5.6 s left'],
      [54, 'writing  26%  1,000 / 3,786 samples  3.00 MB  500/s'],
      [40, 'writing  26%  1,000 / 3,786 samples'],
      [20, 'writing  26%  1,000…'],
    ] as const) {
      const stream = terminal(columns + 1)
      const { now, pass } = clock()
      const progress = openProgress({ stream, now, total: 3786, unit: 'samples', label: 'writing', colour: false })
      pass(2000)
      progress.update(1000, { bytes: 3_000_000 })
      expect(stream.written).toEqual([`\r\x1b[2K${line}`])
    }
  })

  test('is drawn at most ten times a second, and the last figures always', () => {
    const stream = terminal()
    const { now, pass } = clock()
    const progress = openProgress({ stream, now, unit: 'rows', label: 'read', colour: false })
    for (let row = 1; row <= 1000; row++) {
      pass(1)
      progress.update(row)
    }
    expect(stream.written.length).toBeLessThanOrEqual(10)
    progress.finish()
    expect(stream.written.at(-1)).toBe('\r\x1b[2Kread 1,000 rows  1,000/s  1.0 s\n')
  })

  test('is silent in a pipe', () => {
    const stream = { ...terminal(), isTTY: false }
    using progress = openProgress({ stream, unit: 'rows', label: 'read' })
    progress.update(1)
    progress.finish()
    expect(stream.written).toEqual([])
  })

  test('leaves a clean line when an error passes', () => {
    const stream = terminal()
    const work = (): void => {
      using progress = openProgress({ stream, unit: 'rows', label: 'read' })
      progress.update(1)
      throw new Error('no')
    }
    expect(work).toThrow('no')
    expect(stream.written.at(-1)).toBe('\r\x1b[2K')
  })

  test('never fills the last column, never obeys a label, and colours only when it may', () => {
    const stream = terminal(75)
    const { now, pass } = clock()
    for (const colour of [true, false]) {
      const progress = openProgress({ stream, now, total: 1000, unit: 'bytes', label: 'a\u001b]0;x\u0007', colour })
      pass(500)
      progress.update(900, { text: '日本'.repeat(50) })
    }
    const [coloured, plain] = stream.written.map((line) => line.replace('\r\x1b[2K', '')) as [string, string]
    expect(displayWidth(plain)).toBeLessThan(75)
    expect(plain).not.toMatch(/\p{Cc}/u)
    expect(coloured).toContain('\x1b[32m━')
  })
})
