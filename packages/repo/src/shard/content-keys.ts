import { hash } from 'node:crypto'
import { type Member, memberOf } from './keys.ts'

/** 128 bits of SHA-256: no two samples of any dataset will meet by chance. */
const KEY_DIGITS = 32

/** Keys for samples that bring none, made of their bytes, so that they stay the same wherever the sample stands. */
export class ContentKeys {
  readonly #copies = new Map<string, number>()

  /** The key that every copy of a sample starts with. */
  static of(payload: Uint8Array): Member {
    return memberOf(hash('sha256', payload, 'hex').slice(0, KEY_DIGITS))
  }

  /** The second of equal samples in one shard gets `-1`, the third `-2`. */
  unique(member: Member): Member {
    const copies = this.#copies.get(member.key) ?? 0
    this.#copies.set(member.key, copies + 1)
    return copies === 0 ? member : memberOf(`${member.key}-${copies}`)
  }

  /** The next sample is the first of a shard. */
  reset(): void {
    this.#copies.clear()
  }
}
