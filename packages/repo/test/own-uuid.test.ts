import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOwnUuid, ownUuid } from '../src/ingest/own-uuid.ts'

test('a registry knows its own, and nobody else does', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (mine, theirs) => {
      const uuid = ownUuid(mine)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(isOwnUuid(uuid, mine)).toBe(true)
      expect(isOwnUuid(uuid, theirs)).toBe(mine === theirs)
    }),
  )
  expect(isOwnUuid('', 'mine')).toBe(false)
  expect(isOwnUuid('data', 'mine')).toBe(false)
})
