/** The kinds a column of foreign data can have. `json` is text too: it says that the value was something nested. */
export type ItemKind = 'bool' | 'int' | 'float' | 'str' | 'bytes' | 'ndarray'

export interface Kind {
  readonly item: ItemKind
  readonly array: boolean
  /** Values that are no plain text are written as JSON. */
  readonly json?: boolean | undefined
}

/** How one column of the rows becomes one field of the samples. */
export interface Column {
  readonly column: string
  readonly field: string
  readonly kind: Kind
  /** Some row has no value here. */
  readonly optional: boolean
}
