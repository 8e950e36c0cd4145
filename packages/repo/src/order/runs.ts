import type { GlobalOrder, Piece } from './global-order.ts'
import type { Stretch } from './lane.ts'

/** The part of a piece that a stretch takes: one sample every `period` steps. */
export interface Run {
  readonly piece: Piece
  /** Its samples in the shard, in the order in which they are given. */
  readonly samples: Uint32Array
  /** The step of the stretch that takes the first of them. */
  readonly step: number
}

export interface Runs {
  /** After so many steps a stretch comes back to the same stream. */
  readonly period: number
  /** In the order of their first steps. Only what is asked for is computed. */
  readonly runs: Iterable<Run>
}

/** @param stretch ends before the end of the order */
export function runsOf(order: GlobalOrder, stretch: Stretch): Runs {
  const period = order.streams / greatestCommonDivisor(order.streams, stretch.stride)
  return { period, runs: inTurn(order, stretch, period) }
}

function* inTurn(order: GlobalOrder, { first, stride, steps }: Stretch, period: number): Generator<Run> {
  /** How far a stream advances in one period. */
  const leap = (stride * period) / order.streams
  const cursors = Array.from({ length: Math.min(period, steps) }, (_, step) => {
    const position = first + step * stride
    return { stream: position % order.streams, place: Math.floor(position / order.streams), step }
  })
  while (cursors.length > 0) {
    const cursor = cursors.reduce((earliest, other) => (other.step < earliest.step ? other : earliest))
    const { stream, place, step } = cursor
    const piece = order.pieceAt(stream, place)
    const inPiece = Math.ceil((piece.from + piece.count - place) / leap)
    const count = Math.min(inPiece, Math.ceil((steps - step) / period))
    const samples = new Uint32Array(count)
    for (let i = 0; i < count; i++) samples[i] = piece.sampleAt(place + i * leap)
    yield { piece, samples, step }
    cursor.place += count * leap
    cursor.step += count * period
    if (cursor.step >= steps) cursors.splice(cursors.indexOf(cursor), 1)
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
