/** Objects of which it is known how much was asked for; those that were asked for least recently are forgotten. */
const REMEMBERED = 65_536

/** How many bytes of each object were asked for by ranges, and which objects are not to be tried again yet. */
export class Demand {
  readonly #askedBytes = new Map<string, number>()
  readonly #untilMs = new Map<string, number>()

  /** @returns how many it is now */
  add(sha256: string, bytes: number): number {
    const asked = (this.#askedBytes.get(sha256) ?? 0) + bytes
    renew(this.#askedBytes, sha256, asked)
    return asked
  }

  rest(sha256: string, forMs: number): void {
    renew(this.#untilMs, sha256, Date.now() + forMs)
  }

  rests(sha256: string): boolean {
    return (this.#untilMs.get(sha256) ?? 0) > Date.now()
  }
}

function renew(map: Map<string, number>, key: string, value: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > REMEMBERED) map.delete(map.keys().next().value!)
}
