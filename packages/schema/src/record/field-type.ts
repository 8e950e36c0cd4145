import { checkNdarray } from '../field.ts'
import type { FieldKind } from '../field-kind.ts'
import type { FieldTypeRecord } from './schema-record.ts'

export function fieldTypeOf(kind: FieldKind): FieldTypeRecord {
  switch (kind.kind) {
    case 'ndarray': {
      const { kind: _, ...facts } = kind
      return { $type: 'local#ndarray', ...facts }
    }
    case 'array':
      return { $type: 'local#array', items: fieldTypeOf(kind.items) }
    case 'str':
    case 'int':
    case 'float':
    case 'bool':
    case 'bytes':
      return { $type: 'local#primitive', primitive: kind.kind }
    default:
      return { $type: `local#${kind.kind}` }
  }
}

/** @param isExact whether the record's dtypes and shapes are true, so that they may be enforced */
export function kindOf(type: FieldTypeRecord, isExact: boolean): FieldKind {
  switch (type.$type) {
    case 'local#primitive':
      return { kind: type.primitive }
    case 'local#ndarray': {
      if (!isExact) return { kind: 'ndarray' }
      const { $type: _, ...facts } = type
      const kind = { kind: 'ndarray', ...facts } as const
      checkNdarray(kind)
      return kind
    }
    case 'local#array':
      return { kind: 'array', items: kindOf(type.items, isExact) }
    default:
      return { kind: type.$type.slice('local#'.length) as 'structured' }
  }
}
