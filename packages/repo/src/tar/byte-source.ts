/** Takes bytes off a stream of chunks, so many at a time. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()
  #at = 0
  /** How many bytes were taken. */
  position = 0

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks
  }

  /**
   * The next bytes, a view of a chunk where possible; fewer at the end. What they take in memory grows with what has come, not with what was
   * asked for.
   */
  async take(sizeBytes: number): Promise<Uint8Array> {
    const first = this.#cut(sizeBytes)
    if (first.length === sizeBytes) return first
    const parts = [first]
    let missing = sizeBytes - first.length
    while (missing > 0 && (await this.#advance())) {
      const part = this.#cut(missing)
      parts.push(part)
      missing -= part.length
    }
    return joined(parts, sizeBytes - missing)
  }

  /** Pass over bytes. @returns how many there were */
  async skip(sizeBytes: number): Promise<number> {
    let missing = sizeBytes - this.#cut(sizeBytes).length
    while (missing > 0 && (await this.#advance())) missing -= this.#cut(missing).length
    return sizeBytes - missing
  }

  #cut(sizeBytes: number): Uint8Array {
    const part = this.#chunk.subarray(this.#at, this.#at + sizeBytes)
    this.#at += part.length
    this.position += part.length
    return part
  }

  async #advance(): Promise<boolean> {
    const { done, value } = await this.#chunks.next()
    if (done === true) return false
    this.#chunk = value
    this.#at = 0
    return true
  }
}

function joined(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  let filled = 0
  for (const part of parts) {
    bytes.set(part, filled)
    filled += part.length
  }
  return bytes
}
