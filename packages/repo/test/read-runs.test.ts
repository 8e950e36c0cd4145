import { expect, test } from 'vitest'
import { MixOrder } from '../src/mix/mix-order.ts'
import { PartReader } from '../src/mix/part-reader.ts'
import { readSlots, type Slot } from '../src/mix/read-slots.ts'
import { GlobalOrder } from '../src/order/global-order.ts'
import { runsOf } from '../src/order/runs.ts'
import { fetchingRuns } from '../src/read/fetch-runs.ts'
import type { RawSample } from '../src/read/raw-sample.ts'
import { type FetchedRun, type FetchRun, readRuns } from '../src/read/read-runs.ts'
import type { SampleRange } from '../src/read/shard-reader.ts'
import type { SizedSource } from '../src/read/sized-source.ts'

const SAMPLES = 4000
const PARAMETERS = { seed: 1, epoch: 0, bufferShards: 50, bufferSamples: 1000, bufferBytes: 2 ** 20 }

test('the first sample waits for one read, and later ones find what was read ahead, up to the limit', async () => {
  const order = new GlobalOrder([{ sampleCount: SAMPLES, sizeBytes: SAMPLES * 100 }], PARAMETERS)
  let begun = 0
  const fetch: FetchRun = async ({ samples }) => {
    begun += 1
    return { samples: Array.from(samples, (position) => ({ key: String(position), position, payload: new Uint8Array() })) }
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

/** A run whose samples are spoilt when they are said to be done with. */
function spoiling(samples: Uint32Array, released: Set<number>): FetchedRun {
  const raws = Array.from(samples, (position) => ({ key: String(position), position, payload: new Uint8Array(1) }))
  return {
    samples: raws,
    release: () => {
      for (const { position, payload } of raws) {
        payload.fill(1)
        released.add(position)
      }
    },
  }
}

test.each([1, 7, 128])(
  'runs are done with when the block after their last sample is asked for, in blocks of %i',
  async (blockSize) => {
    const order = new GlobalOrder([{ sampleCount: SAMPLES, sizeBytes: SAMPLES * 100 }], PARAMETERS)
    for (const stride of [1, 3]) {
      const released = new Set<number>()
      const steps = Math.floor(SAMPLES / stride)
      const runs = runsOf(order, { first: 0, stride, steps })
      let given = 0
      let before: readonly RawSample[] = []
      const fetch: FetchRun = async ({ samples }) => spoiling(samples, released)
      for await (const { raws } of readRuns(runs, fetch, { steps, ahead: 16, blockSize })) {
        for (const { payload } of raws) expect(payload[0]).toBe(0)
        given += raws.length
        before = raws
        expect(released.size).toBeLessThanOrEqual(given - raws.length)
      }
      expect(given).toBe(steps)
      expect(before.length).toBeGreaterThan(0)
      // All but what each stream gave last.
      expect(released.size).toBeGreaterThan(given / 2)
    }
  },
)

test.each([1, 7, 128])('so are the pieces of a mix, in blocks of %i', async (blockSize) => {
  const sizes = [{ sampleCount: SAMPLES, sizeBytes: SAMPLES * 100 }]
  const order = new MixOrder([{ perWindow: 1, sampleCount: SAMPLES }], 'first_exhausted', PARAMETERS)
  for (const stride of [1, 3]) {
    const released = new Set<number>()
    const reader = new PartReader({
      part: 0,
      perWindow: 1,
      sizes,
      parameters: PARAMETERS,
      fetch: async ({ samples }) => spoiling(samples, released),
    })
    const steps = Math.floor(SAMPLES / stride)
    const slots = function* (): Generator<Slot> {
      for (let step = 0; step < steps; step++) yield reader.slotOf(order.at(step * stride))
    }
    let given = 0
    for await (const block of readSlots(slots(), 16, blockSize)) {
      for (const { raw } of block) expect(raw.payload[0]).toBe(0)
      given += block.length
    }
    expect(given).toBe(steps)
    expect(released.size).toBeGreaterThan(SAMPLES / 2)
  }
})

test('a run that claims to be very large gets no memory before it is read, in one part or in several', async () => {
  const sizes = [{ sampleCount: 10, sizeBytes: 2 ** 40 }]
  const given: (number | undefined)[] = []
  const source = {
    keepsBytes: true,
    async *part(_shard: number, { into }: SampleRange) {
      for (const sizeBytes of [100, 2 ** 25, 2 ** 20, 2 ** 52]) given.push(into?.(sizeBytes)?.length)
      yield []
    },
  } as Pick<SizedSource<object>, 'part' | 'keepsBytes'> as SizedSource<object>
  const memory = { reuse: true, columns: undefined }
  const fetch = fetchingRuns({ source, sizes, parameters: PARAMETERS, lanes: 1, memory, signal: new AbortController().signal })
  const [run] = runsOf(new GlobalOrder(sizes, PARAMETERS), { first: 0, stride: 1, steps: 10 }).runs
  await fetch(run!)
  expect(given).toEqual([100, 2 ** 25, undefined, undefined])
})
