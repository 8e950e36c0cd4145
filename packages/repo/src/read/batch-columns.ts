import { NDArray } from '@shardex/schema'

/** The first arrays of a field get room for so many bytes, and twice as many when that is full. */
const FIRST_BYTES = 2 ** 20

/** A field of a batch in filling: arrays of one dtype and shape, one after another. */
interface Column {
  readonly first: NDArray
  rows: number
}

type Sample = Record<string, unknown>

/**
 * Lays the arrays of samples side by side as they come, so that what they were read from is needed no more. In the place of its arrays each sample
 * gets views of its rows. Each batch is written over by the next.
 */
export class BatchColumns {
  readonly #fields: readonly string[]
  readonly #memory = new Map<string, Uint8Array>()
  readonly #columns = new Map<string, Column>()
  #rows = 0

  /** @param fields those that the samples have */
  constructor(fields: readonly string[]) {
    this.#fields = fields
  }

  /** Take over all bytes of the next sample. */
  add(sample: Sample): void {
    for (const field of this.#fields) {
      const value = sample[field]
      sample[field] = value instanceof NDArray ? this.#place(field, value) : copyOf(value)
    }
    this.#rows += 1
  }

  /** Stacked arrays of the fields that can be stacked. What is added next belongs to another batch. */
  take(): ReadonlyMap<string, NDArray> {
    const stacked = new Map<string, NDArray>()
    for (const [field, { first, rows }] of this.#columns) {
      if (rows < this.#rows) continue
      const bytes = this.#memory.get(field)!.subarray(0, rows * first.bytes.length)
      stacked.set(field, new NDArray(first.dtype, [rows, ...first.shape], bytes, first.descr))
    }
    this.#columns.clear()
    this.#rows = 0
    return stacked
  }

  #place(field: string, array: NDArray): NDArray {
    const column = this.#columns.get(field)
    // A sample before it has no such array, or another kind of one: they will not be stacked.
    const isAlone = this.#rows > 0 && (column === undefined || column.rows < this.#rows || !isLike(array, column.first))
    if (isAlone) return copyOf(array)
    const start = this.#rows * array.bytes.length
    const memory = withRoom(this.#memory.get(field), start + array.bytes.length)
    this.#memory.set(field, memory)
    const placed = copiedTo(memory, start, array)
    if (column === undefined) this.#columns.set(field, { first: placed, rows: 1 })
    else column.rows += 1
    return placed
  }
}

function isLike(array: NDArray, { dtype, shape, descr }: NDArray): boolean {
  if (array.dtype !== dtype || array.descr !== descr || array.shape.length !== shape.length) return false
  return array.shape.every((size, axis) => size === shape[axis])
}

/** The same bytes, with as much room again if there is too little. */
function withRoom(memory: Uint8Array = new Uint8Array(FIRST_BYTES), sizeBytes: number): Uint8Array {
  if (memory.length >= sizeBytes) return memory
  const larger = new Uint8Array(Math.max(sizeBytes, 2 * memory.length))
  larger.set(memory)
  return larger
}

function copiedTo(memory: Uint8Array, start: number, { dtype, shape, bytes, descr }: NDArray): NDArray {
  const copy = memory.subarray(start, start + bytes.length)
  copy.set(bytes)
  return new NDArray(dtype, shape, copy, descr)
}

/** A value of a field with bytes of its own. */
function copyOf<T>(value: T): T
function copyOf(value: unknown): unknown {
  if (value instanceof NDArray) return copiedTo(new Uint8Array(value.bytes.length), 0, value)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  return Array.isArray(value) ? value.map(copyOf) : value
}
