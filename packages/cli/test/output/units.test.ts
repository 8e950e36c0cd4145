import { describe, expect, test } from 'vitest'
import { formatAge, formatBytes, formatCount, formatDuration, formatRelative, shortCid } from '../../src/output/units.ts'

describe('units', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [11_783_820, '11.8 MB'],
    [1e15, '1.00 PB'],
    [5e18, '5000 PB'],
  ])('%d bytes are %s, in decimal units', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  test('counts have separators in every locale', () => {
    expect(formatCount(3786)).toBe('3,786')
    expect(formatCount(2n ** 64n)).toBe('18,446,744,073,709,551,616')
  })

  test.each([
    [0, '0 ms'],
    [999.6, '1.0 s'],
    [59_940, '59.9 s'],
    [59_999, '1 m 00 s'],
    [245_000, '4 m 05 s'],
    [3_599_600, '1 h 00 m'],
    [9_000_000, '2 h 30 m'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms last %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

  test('dates are told from now, and after a month as they are', () => {
    const now = Date.UTC(2026, 1, 10)
    expect(formatRelative(now - 10_000, now)).toBe('just now')
    expect(formatRelative(now - 180_000, now)).toBe('3 minutes ago')
    expect(formatRelative(now + 7_200_000, now)).toBe('in 2 hours')
    expect(formatRelative(Date.UTC(2025, 11, 24), now)).toBe('2025-12-24')
  })

  test('an age is short enough for a column', () => {
    const now = Date.UTC(2026, 1, 10)
    expect([10, 180, 7_200, 90_000].map((seconds) => formatAge(now - seconds * 1000, now))).toEqual([
      'now',
      '3 min',
      '2 h',
      '1 d',
    ])
    expect(formatAge(Date.UTC(2025, 11, 24), now)).toBe('2025-12-24')
  })

  test('a CID keeps its ends', () => {
    expect(shortCid('bafyreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')).toBe('bafyrei…quvyku')
    expect(shortCid('short')).toBe('short')
  })
})
