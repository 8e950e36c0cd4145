import type { Lane, Remainder } from '../order/lane.ts'
import { DEFAULT_BUFFER, faultOfParameter, type OrderParameters } from '../order/parameters.ts'
import { decodeState, invalidState, type OrderState, type StateKind } from '../order/state.ts'
import { positiveInteger } from '../positive-integer.ts'

export interface ShuffleOptions {
  /** From 0 to 2^53 - 1. The same seed gives the same order, everywhere. Needed where others read
   * the same epoch. Default: that of `resume`, or a new one each time. */
  readonly seed?: number | undefined
  /** From 0 to 2^32 - 1: each epoch of a seed has its own order. Default: that of `resume`, or 0. */
  readonly epoch?: number | undefined
  /** Who of `worldSize` readers this is, from 0 on: together they are given every sample once. Default 0 of 1. */
  readonly rank?: number | undefined
  readonly worldSize?: number | undefined
  /** Which of `workers` this is that share the part of the rank, from 0 on. Default 0 of 1. */
  readonly worker?: number | undefined
  readonly workers?: number | undefined
  /** What becomes of samples that are too few for a whole batch on every rank. Default `keep`. */
  readonly remainder?: Remainder | undefined
  /**
   * How many places of the dataset are read side by side, 1 to 65,536: samples come from each of them in turn. With a `worldSize` that divides
   * it no byte is read twice. Part of the order, as the next two. Default: that of `resume`, or 192.
   */
  readonly bufferShards?: number | undefined
  /** Samples held at once to choose from, by all ranks together. More is more random, and takes more memory. Default 98,304. */
  readonly bufferSamples?: number | undefined
  /** The same in bytes of shards. Default 96 MiB. */
  readonly bufferBytes?: number | undefined
  /** What `state()` of any rank gave: the epoch goes on from there, with any number of ranks and workers. */
  readonly resume?: string | undefined
}

/** What is to be read, in which order, by whom. */
export interface ShufflePlan {
  readonly parameters: OrderParameters
  readonly lane: Lane
  readonly resume: OrderState | undefined
  /** The option that only an order of known length can keep to, if there is one. */
  readonly needsOrder: string | undefined
  /** For samples of unknown number. */
  readonly buffer: { readonly shards: number; readonly samples: number }
}

/** @throws `state.invalid`; {TypeError} for options that make no sense */
export function planShuffle(options: ShuffleOptions, batchSize = 1, kind: StateKind = 'shuffle'): ShufflePlan {
  const resume = options.resume === undefined ? undefined : decodeState(options.resume, kind)
  const parameters = parametersOf(options, resume)
  const { worldSize = 1, workers = 1, remainder = 'keep' } = options
  positiveInteger('worldSize', worldSize)
  positiveInteger('workers', workers)
  const rank = memberOf('rank', options.rank, 'worldSize', worldSize)
  const worker = memberOf('worker', options.worker, 'workers', workers)
  if (!['keep', 'drop', 'pad'].includes(remainder))
    throw new TypeError(`remainder is 'keep', 'drop' or 'pad', found ${String(remainder)}`)
  if (worldSize * workers > 1 && options.seed === undefined && resume === undefined)
    throw new TypeError('ranks and workers share an epoch only if all of them are given the same seed: give one')
  const needs = { resume: resume !== undefined, worldSize: worldSize > 1, workers: workers > 1, remainder: remainder !== 'keep' }
  return {
    parameters,
    lane: {
      number: rank + worker * worldSize,
      lanes: positiveInteger('worldSize * workers * batchSize', worldSize * workers * batchSize) / batchSize,
      batchSize,
      remainder,
    },
    resume,
    needsOrder: Object.entries(needs).find(([, isNeeded]) => isNeeded)?.[0],
    buffer: { shards: options.bufferShards ?? Number.POSITIVE_INFINITY, samples: options.bufferSamples ?? 10_000 },
  }
}

function parametersOf(options: ShuffleOptions, resume: OrderState | undefined): OrderParameters {
  const defaults = { seed: Math.floor(Math.random() * 2 ** 52), epoch: 0, ...DEFAULT_BUFFER }
  const parameters = { ...defaults }
  for (const name of Object.keys(defaults) as (keyof OrderParameters)[]) {
    const given = options[name]
    if (given !== undefined) {
      const fault = faultOfParameter(name, given)
      if (fault !== undefined) throw new TypeError(fault)
      if (resume !== undefined && resume[name] !== given) throw invalidState(name, String(resume[name]), String(given))
    }
    parameters[name] = given ?? resume?.[name] ?? defaults[name]
  }
  return parameters
}

function memberOf(option: string, value = 0, whole: string, count: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value < count) return value
  throw new TypeError(`${option} must be an integer from 0 to ${whole} - 1 = ${count - 1}, found ${value}`)
}
