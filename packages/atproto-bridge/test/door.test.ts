import { expect, test } from 'vitest'
import * as door from '../src/index.ts'

test('the door is what it was', () => {
  expect(Object.keys(door).sort()).toEqual([
    'AtmosphereIndex',
    'NSID',
    'OLD_NSID',
    'STORAGE',
    'Sessions',
    'configFolder',
    'faultOfRecord',
    'lexicons',
    'parseRecord',
    'prepare',
    'promote',
    'recordToJson',
    'unpromote',
  ])
})
