import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defineSample, isView } from '../src/index.ts'
import { fields } from './arbitrary.ts'

test('a field is a view if and only if its values change with the bytes that they were read from', () => {
  const views = new Set<string>()
  const changed = new Set<string>()
  const one = fields.chain(({ field, values }) => values.map((value) => ({ field, value })))
  fc.assert(
    fc.property(one, ({ field, value }) => {
      const type = defineSample('One', { value: field })
      const bytes = type.pack({ value } as never)
      const sample = type.unpack(bytes)
      const before = type.pack(sample)
      bytes.fill(0xee)
      const name = field.kind.kind === 'array' ? `list of ${field.kind.items.kind}` : field.kind.kind
      if (isView(field.kind)) views.add(name)
      if (Buffer.compare(type.pack(sample), before) !== 0) changed.add(name)
    }),
    { numRuns: 1000 },
  )
  expect([...changed].sort()).toEqual([...views].sort())
  expect(views.size).toBeGreaterThan(4)
})
