import { ShardexError } from '@shardex/errors'
import { crc32, runningSha256 } from '#platform'
import { toHex } from '../hex.ts'
import { faultOfParameter, type OrderParameters, type ShardSize } from './parameters.ts'

/** How far the order of an epoch has been given out. */
export interface OrderState extends OrderParameters {
  /** {@link fingerprint} of the dataset. */
  readonly dataset: string
  /** The first position that was not given out. */
  readonly position: number
}

/** What a state is of: one dataset, or a mix of several. */
export type StateKind = 'shuffle' | 'mix'

/** `shuffle:1:` or `mix:1:`, dataset, seed, epoch, position, the three parameters of the buffer, CRC-32 of all before. */
const STATE = /^(?:shuffle|mix):1:([0-9a-f]{16})((?::(?:0|[1-9]\d{0,15})){6}):([0-9a-f]{8})$/
const LONGEST = 200

/** Which data and which shards a position counts in: the first 8 bytes of a SHA-256 in hex, `docs/formats/order.md`. */
export function fingerprint(sizes: readonly ShardSize[], contentCid = ''): string {
  const rows = new DataView(new ArrayBuffer(sizes.length * 16))
  for (const [i, { sampleCount, sizeBytes }] of sizes.entries()) {
    rows.setBigUint64(i * 16, BigInt(sampleCount), true)
    rows.setBigUint64(i * 16 + 8, BigInt(sizeBytes), true)
  }
  const running = runningSha256()
  running.update(new TextEncoder().encode(`${contentCid}\0`))
  running.update(new Uint8Array(rows.buffer))
  return toHex(running.digest()).slice(0, 16)
}

export function encodeState(state: OrderState, kind: StateKind = 'shuffle'): string {
  const { dataset, seed, epoch, position, bufferShards, bufferSamples, bufferBytes } = state
  const text = [kind, 1, dataset, seed, epoch, position, bufferShards, bufferSamples, bufferBytes].join(':')
  return `${text}:${checkOf(text)}`
}

/** @throws `state.invalid` */
export function decodeState(text: unknown, kind: StateKind = 'shuffle'): OrderState {
  if (typeof text !== 'string' || text.length > LONGEST) throw invalidState('state', describe(text), 'what state() gave')
  if (/^(?:shuffle|mix):/.test(text) && !text.startsWith(`${kind}:1:`))
    throw invalidState('version', text.slice(0, 16), `version 1, ${kind}:1:…`)
  const [, dataset = '', numbers = '', check] = STATE.exec(text) ?? []
  if (check === undefined || check !== checkOf(text.slice(0, -9)))
    throw invalidState('state', JSON.stringify(text), 'what state() gave')
  const [seed = 0, epoch = 0, position = 0, bufferShards = 0, bufferSamples = 0, bufferBytes = 0] = numbers
    .slice(1)
    .split(':')
    .map(Number)
  const parameters = { seed, epoch, bufferShards, bufferSamples, bufferBytes }
  for (const name of Object.keys(parameters) as (keyof OrderParameters)[]) {
    const fault = faultOfParameter(name, parameters[name])
    if (fault !== undefined) throw invalidState(name, String(parameters[name]), fault)
  }
  return { dataset, position, ...parameters }
}

/** @returns `state.invalid` */
export function invalidState(member: string, found: string, wanted: string): ShardexError<'state.invalid'> {
  const message = `this state cannot be resumed: found ${member} ${found}, wanted ${wanted}. Give what state() gave, unchanged, to the same dataset; or start an epoch without it.`
  return new ShardexError('state.invalid', { member, found, wanted }, { message })
}

function checkOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function describe(value: unknown): string {
  return typeof value === 'string' ? `a string of ${value.length} characters` : `a value of type ${typeof value}`
}
