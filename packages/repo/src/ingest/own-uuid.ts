import { hash, randomBytes } from 'node:crypto'

/** Bytes of a UUID that are random; as many after them prove whose it is. */
const RANDOM_BYTES = 8

/**
 * A new UUID (version 8) that only this registry can have made: its second half is the SHA-256 of the registry's id and the first half. So a
 * journal that somebody wrote into the registry cannot aim its collector of garbage at objects of another one.
 */
export function ownUuid(registryId: string): string {
  const random = randomBytes(RANDOM_BYTES)
  random[6] = (random[6]! & 0x0f) | 0x80 // version 8
  return uuidFrom(registryId, random)
}

/** Whether {@link ownUuid} can have made it for this registry. */
export function isOwnUuid(uuid: string, registryId: string): boolean {
  const random = Buffer.from(uuid.replaceAll('-', ''), 'hex').subarray(0, RANDOM_BYTES)
  return random.length === RANDOM_BYTES && uuidFrom(registryId, random) === uuid
}

function uuidFrom(registryId: string, random: Uint8Array): string {
  const start = Buffer.from(random).toString('hex')
  const proof = hash('sha256', `${registryId}/${start}`, 'buffer').subarray(0, RANDOM_BYTES)
  proof[0] = (proof[0]! & 0x3f) | 0x80 // the variant of RFC 9562
  const digits = start + proof.toString('hex')
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-')
}
