import { GlobalOrder, type Piece } from '../order/global-order.ts'
import type { OrderParameters, ShardSize } from '../order/parameters.ts'
import type { FetchRun } from '../read/read-runs.ts'
import { type Place, passParameters } from './mix-order.ts'
import type { Fetched, Slot } from './read-slots.ts'

/** Passes through a dataset of which pieces are kept, at most: those of a small one overlap. */
const MOST_PASSES = 64

export interface PartReading {
  readonly part: number
  readonly perWindow: number
  readonly sizes: readonly ShardSize[]
  readonly parameters: OrderParameters
  readonly fetch: FetchRun
}

/** Reads one of the datasets of a mix, a piece of its order at a time. */
export class PartReader {
  readonly #part: number
  readonly #sizes: readonly ShardSize[]
  readonly #parameters: OrderParameters
  readonly #fetch: FetchRun
  readonly #keptPasses: number
  readonly #passes = new Map<number, Pass>()

  constructor({ part, perWindow, sizes, parameters, fetch }: PartReading) {
    this.#part = part
    this.#sizes = sizes
    this.#parameters = parameters
    const sampleCount = sizes.reduce((total, shard) => total + shard.sampleCount, 0)
    // Columns of a square are apart by as many samples as it takes of the dataset.
    this.#keptPasses = Math.min(MOST_PASSES, 2 + Math.ceil((perWindow * parameters.bufferShards) / sampleCount))
    this.#fetch = fetch
  }

  /** Where a sample will be; the piece that holds it is on its way from then on. */
  slotOf({ pass: number, position }: Place): Slot {
    const pass = this.#passOf(number)
    const stream = position % pass.order.streams
    const place = Math.floor(position / pass.order.streams)
    let open = pass.pieces.get(stream)
    let ends: Fetched | undefined
    if (open === undefined || place < open.piece.from || place >= open.piece.from + open.piece.count) {
      ends = open?.fetched
      open = this.#open(pass.order.pieceAt(stream, place))
      pass.pieces.set(stream, open)
    }
    const index = place - open.piece.from
    if (index === open.piece.count - 1) {
      ends = open.fetched
      pass.pieces.delete(stream)
    }
    return { part: this.#part, piece: open.fetched, index, ends }
  }

  #open(piece: Piece): Open {
    const samples = Uint32Array.from({ length: piece.count }, (_, i) => piece.sampleAt(piece.from + i))
    const fetched: Fetched = {
      run: undefined,
      arrival: this.#fetch({ piece, samples, step: 0 }).then((run) => {
        fetched.run = run
      }),
    }
    fetched.arrival.catch(() => {}) // it is told when the turn of the piece comes
    return { piece, fetched }
  }

  #passOf(number: number): Pass {
    const known = this.#passes.get(number)
    if (known !== undefined) return known
    const order = new GlobalOrder(this.#sizes, passParameters(this.#parameters, this.#part, number))
    const pass = { order, pieces: new Map<number, Open>() }
    this.#passes.set(number, pass)
    if (this.#passes.size > this.#keptPasses) this.#passes.delete(this.#passes.keys().next().value!)
    return pass
  }
}

interface Pass {
  readonly order: GlobalOrder
  /** The one that each stream is in. */
  readonly pieces: Map<number, Open>
}

interface Open {
  readonly piece: Piece
  readonly fetched: Fetched
}
