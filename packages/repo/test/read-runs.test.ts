import { expect, test } from 'vitest'
import { GlobalOrder } from '../src/order/global-order.ts'
import { runsOf } from '../src/order/runs.ts'
import { type FetchRun, readRuns } from '../src/read/read-runs.ts'

const SAMPLES = 4000
const PARAMETERS = { seed: 1, epoch: 0, bufferShards: 50, bufferSamples: 1000, bufferBytes: 2 ** 20 }

test('the first sample waits for one read, and later ones find what was read ahead, up to the limit', async () => {
  const order = new GlobalOrder([{ sampleCount: SAMPLES, sizeBytes: SAMPLES * 100 }], PARAMETERS)
  let begun = 0
  const fetch: FetchRun = async ({ samples }) => {
    begun += 1
    return Array.from(samples, (position) => ({ key: String(position), position, payload: new Uint8Array() }))
  }
  const stretch = { first: 0, stride: 1, steps: SAMPLES }
  const ahead: number[] = []
  const given = new Set<number>()
  for await (const { raws } of readRuns(runsOf(order, stretch), fetch, { steps: SAMPLES, ahead: 16, blockSize: 1 })) {
    for (const { position } of raws) given.add(position)
    // As long as every sample comes from a stream that none came from before, each has needed a run of its own.
    if (given.size <= PARAMETERS.bufferShards) ahead.push(begun - given.size)
  }
  expect(given.size).toBe(SAMPLES)
  expect(ahead.slice(0, 6)).toEqual([0, 4, 8, 12, 16, 16])
  expect(Math.max(...ahead)).toBe(16)
})
