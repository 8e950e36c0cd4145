import type { Span } from './byte-range.ts'

export interface PiecesOptions {
  /** The beginning, which is already on its way. */
  readonly first: AsyncIterable<Uint8Array>
  /** What follows it. */
  readonly rest: Span
  readonly pieceBytes: number
  /** Pieces on their way or waiting at once: so much of the rest is held in memory. */
  readonly ahead: number
  /** The bytes of one piece. The signal ends it when nobody reads on. */
  readonly fetch: (piece: Span, signal: AbortSignal) => AsyncIterable<Uint8Array>
}

/** Who reads no further than this has not asked for more than the beginning. */
const BEGINNING_BYTES = 2 ** 20

/** A large body by several requests side by side, its bytes in order. Each piece that was read ahead is one chunk. */
export async function* inPieces({
  first,
  rest,
  pieceBytes,
  ahead,
  fetch,
}: PiecesOptions): AsyncGenerator<Uint8Array, void, void> {
  const stop = new AbortController()
  const coming: Promise<Uint8Array>[] = []
  let next = rest.start
  const order = (count: number): void => {
    while (coming.length < count && next < rest.end) {
      const piece = { start: next, end: Math.min(next + pieceBytes, rest.end) }
      next = piece.end
      const arrival = collect(fetch(piece, stop.signal), piece)
      arrival.catch(() => {}) // it is told when its turn comes
      coming.push(arrival)
    }
  }
  try {
    let givenBytes = 0
    for await (const chunk of first) {
      if (givenBytes >= BEGINNING_BYTES) order(ahead)
      givenBytes += chunk.length
      yield chunk
    }
    for (order(ahead); coming.length > 0; order(ahead)) yield await coming.shift()!
  } finally {
    stop.abort(new Error('nobody reads on'))
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>, { start, end }: Span): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(end - start)
  let filled = 0
  for await (const chunk of chunks) {
    bytes.set(chunk, filled)
    filled += chunk.length
  }
  return bytes
}
