/**
 * The record of a schema as atdata keeps it in its registry, key order included. Keys of our own come after atdata's, which
 * ignores them.
 */
export interface SchemaRecord {
  /** The name of the type without its module. */
  readonly name: string
  readonly version: string
  readonly fields: readonly FieldRecord[]
  readonly description: string | null
  /** ISO 8601, as the writer wrote it. */
  readonly createdAt?: string | undefined
  /** Only in records that we wrote. Without it `dtype` and `shape` mean nothing: atdata writes `float32` for most arrays. */
  readonly shardex?: RecordMark | undefined
}

export interface RecordMark {
  readonly format: 1
  /** The name's part before the last dot. */
  readonly module?: string | undefined
}

export interface FieldRecord {
  readonly name: string
  readonly fieldType: FieldTypeRecord
  readonly optional: boolean
}

export type FieldTypeRecord =
  | { readonly $type: 'local#primitive'; readonly primitive: 'str' | 'int' | 'float' | 'bool' | 'bytes' }
  | {
      readonly $type: 'local#ndarray'
      readonly dtype?: string | undefined
      readonly shape?: readonly (number | null)[] | undefined
      readonly dimensionNames?: readonly string[] | undefined
    }
  | { readonly $type: 'local#array'; readonly items: FieldTypeRecord }
  | { readonly $type: `local#${'structured' | 'sparse' | 'arrow_tensor' | 'safetensors' | 'dataframe'}` }
