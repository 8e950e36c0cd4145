import { describe } from '@shardex/errors'
import type { Field, SampleType } from '@shardex/schema'

/** How the values of a field are summed up for a whole shard. */
export type ManifestKind = 'categorical' | 'numeric' | 'set'

/** What a field is to a manifest: `true` for what its type says, `false` to leave it out. */
export type ManifestFields = Readonly<Record<string, ManifestKind | boolean>>

export type ScalarKind = 'str' | 'int' | 'float' | 'bool'

/** A field that a manifest knows of every sample. */
export interface ManifestColumn {
  readonly name: string
  /** Of the values; of a list, those in it. */
  readonly kind: ScalarKind
  readonly isList: boolean
  readonly aggregate: ManifestKind
}

/** What each sample has beside its fields. */
export const KEY = '__key__'
export const OFFSET = '__offset__'
export const SIZE = '__size__'

/**
 * The columns of a type. Text and booleans are categorical, numbers numeric, lists of these are sets; bytes, arrays and lists of lists have no place
 * in a manifest.
 * @throws {TypeError} for a field that the type has not, and for a kind that does not fit its field
 */
export function manifestColumns(type: SampleType, fields: ManifestFields = {}): readonly ManifestColumn[] {
  for (const name of Object.keys(fields))
    if (!Object.hasOwn(type.fields, name)) throw new TypeError(`manifest: ${type.name} has no field ${describe(name)}`)
  return Object.entries(type.fields).flatMap(([name, field]) => {
    const wanted = Object.hasOwn(fields, name) ? fields[name] : undefined
    const column = wanted === false ? undefined : columnOf(name, field)
    if (column === undefined && wanted !== undefined && wanted !== false)
      throw new TypeError(`manifest: the values of ${name} have no place in a manifest; give false`)
    if (column === undefined || wanted === undefined || typeof wanted === 'boolean') return column ?? []
    if (!kindsFor(column).includes(wanted))
      throw new TypeError(`manifest: ${name} can be ${kindsFor(column).join(' or ')}, found ${describe(wanted)}`)
    return { ...column, aggregate: wanted }
  })
}

/** The column that a field has by default, if it can have one. */
export function columnOf(name: string, { kind }: Field): ManifestColumn | undefined {
  const isList = kind.kind === 'array'
  const item = isList ? kind.items.kind : kind.kind
  if (item !== 'str' && item !== 'int' && item !== 'float' && item !== 'bool') return undefined
  const aggregate = isList ? 'set' : item === 'str' || item === 'bool' ? 'categorical' : 'numeric'
  return { name, kind: item, isList, aggregate }
}

function kindsFor({ kind, isList }: ManifestColumn): readonly ManifestKind[] {
  if (isList) return ['set']
  return kind === 'int' || kind === 'float' ? ['numeric', 'categorical'] : ['categorical']
}
