/** What is known of a shard without opening it. */
export interface ShardSize {
  readonly sampleCount: number
  readonly sizeBytes: number
}

/** What the order of an epoch depends on, beside the sizes of the shards. */
export interface OrderParameters {
  /** 0 to 2^53 - 1. */
  readonly seed: number
  /** 0 to 2^32 - 1. */
  readonly epoch: number
  /** How many places of the dataset are read side by side, 1 to 65,536. */
  readonly bufferShards: number
  /** How many samples, and how many bytes of shards, are held to choose from. */
  readonly bufferSamples: number
  readonly bufferBytes: number
}

/** 192 has many divisors, and they are the world sizes that read no byte twice; a block of 512 KiB is worth a request. */
export const DEFAULT_BUFFER: Pick<OrderParameters, 'bufferShards' | 'bufferSamples' | 'bufferBytes'> = {
  bufferShards: 192,
  bufferSamples: 192 * 512,
  bufferBytes: 96 * 1024 * 1024,
}

const LARGEST: Readonly<Record<keyof OrderParameters, number>> = {
  seed: Number.MAX_SAFE_INTEGER,
  epoch: 2 ** 32 - 1,
  bufferShards: 2 ** 16,
  bufferSamples: Number.MAX_SAFE_INTEGER,
  bufferBytes: Number.MAX_SAFE_INTEGER,
}

/** What is wrong with a parameter, or `undefined`. */
export function faultOfParameter(name: keyof OrderParameters, value: number): string | undefined {
  const least = name === 'seed' || name === 'epoch' ? 0 : 1
  if (Number.isSafeInteger(value) && value >= least && value <= LARGEST[name]) return undefined
  return `${name} must be an integer from ${least} to ${LARGEST[name]}, found ${value}`
}
