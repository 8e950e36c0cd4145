import type { ShardexError } from '@shardex/errors'
import { warn } from '#platform'
import { type Damage, isDamage } from './damage.ts'

/**
 * What a dataset found damaged in its shards: each is told once, however often it is met. It takes memory for damaged shards only, one bit for
 * each of their samples.
 */
export class Quarantine {
  /** By the URL of the shard, one bit per sample. */
  readonly #samples = new Map<string, Uint8Array>()
  readonly #objects = new Set<string>()
  readonly #onDamage: (error: ShardexError) => void
  #refusal: unknown

  /** @param onDamage default: a warning of the process, of the first damage only */
  constructor(onDamage: (error: ShardexError) => void = warnOnce()) {
    this.#onDamage = onDamage
  }

  /** One sample of a shard of so many. */
  addSample(shard: string, sampleCount: number, sample: number, damage: Damage): void {
    const bits = this.#samples.get(shard) ?? new Uint8Array(Math.ceil(sampleCount / 8))
    this.#samples.set(shard, bits)
    if (isSet(bits, sample)) return
    bits[sample >> 3]! |= 1 << (sample & 7)
    this.#tell(damage)
  }

  hasSample(shard: string, sample: number): boolean {
    const bits = this.#samples.get(shard)
    return bits !== undefined && isSet(bits, sample)
  }

  /** A whole object, a shard or an offset index, or an unknown part of it. */
  addObject(url: string, damage: Damage): void {
    if (this.#objects.has(url)) return
    this.#objects.add(url)
    this.#tell(damage)
  }

  /** Without telling: what is wrong with it has been told sample by sample. */
  avoidObject(url: string): void {
    this.#objects.add(url)
  }

  hasObject(url: string): boolean {
    return this.#objects.has(url)
  }

  /** Whether something can be done about an error. What `onDamage` itself threw, be it what it was told, ends the reading. */
  takes(error: unknown): error is Damage {
    return isDamage(error) && error !== this.#refusal
  }

  #tell(damage: Damage): void {
    try {
      this.#onDamage(damage)
    } catch (error) {
      this.#refusal = error
      throw error
    }
  }
}

function warnOnce(): (error: ShardexError) => void {
  let told = false
  return ({ code, message }) => {
    if (!told) warn(`${message} This is the first damage; give onDamage to hear of all.`, code)
    told = true
  }
}

function isSet(bits: Uint8Array, place: number): boolean {
  return (bits[place >> 3]! & (1 << (place & 7))) !== 0
}
