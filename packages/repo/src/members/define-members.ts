import type { Fields, InferFields, SampleType } from '@shardex/schema'
import { faultOfPair, fromDocument, fromMember, isDocument, readDocument } from './decode-member.ts'
import { noMember, wrongMember } from './members-error.ts'
import { type Selector, selectorOf, valueAt } from './selector.ts'

/** Samples whose fields are members of a plain WebDataset tar: `000017.jpg`, `000017.json`, `000017.cls`. */
export interface Members<F extends Fields = Fields> {
  readonly type: SampleType<F>
  /**
   * The sample that a group of members is.
   * @param members bytes by extension, in lower case
   * @param shard named in errors
   * @throws `sample.invalid` for a member that is missing, or is not what its field is to hold
   */
  decode(key: string, members: ReadonlyMap<string, Uint8Array>, shard: string): InferFields<F>
}

/** For each field, where it comes from; see {@link defineMembers}. */
export type MemberNames<F extends Fields> = { readonly [Name in keyof F]: string }

/**
 * Say which member of a sample each field is, by its extension: `jpg`; of several, separated by `;`, the first that is there; `json#/caption` for a part of a document (`json`, or `msgpack`, `mp`,
 * `msg`), by a JSON pointer (RFC 6901). The type decides how a member is read: `bytes()` as it is, `str()` as UTF-8, `int()`, `float()` and `bool()` from their text, `ndarray()` from a
 * `.npy` file, or from numbers of a document. Nothing is ever unpickled. Members that no field names are passed over.
 *
 * ```ts
 * const Photo = defineSample('demo.Photo', { image: bytes(), label: int(), caption: str().optional() })
 * const members = defineMembers(Photo, { image: 'jpg;png', label: 'cls', caption: 'json#/caption' })
 * await repo.insert(Dataset.from(members, 'train-{0000..0009}.tar'), 'photos')
 * ```
 * @throws {TypeError} for fields that the type has not or that are left out, and for what cannot be read so
 */
export function defineMembers<F extends Fields>(type: SampleType<F>, names: MemberNames<F>): Members<F> {
  const unknown = Object.keys(names).find((name) => !Object.hasOwn(type.fields, name))
  if (unknown !== undefined)
    throw new TypeError(`${type.name} has no field ${unknown}; it has ${Object.keys(type.fields).join(', ')}`)
  const fields = Object.entries(type.fields).map(([name, { kind, isOptional }]) => {
    const text = Object.hasOwn(names, name) ? names[name as keyof F] : undefined
    if (typeof text !== 'string') throw new TypeError(`it is not said which member is the field ${name} of ${type.name}`)
    const selector = selectorOf(text)
    const fault = faultOfPair(kind, selector)
    if (fault !== undefined) throw new TypeError(`the field ${name} of ${type.name} cannot be "${text}": ${fault}`)
    return { name, kind, isOptional, selector }
  })
  return {
    type,
    decode(key, members, shard) {
      const sample: Record<string, unknown> = {}
      const documents = new Map<string, unknown>()
      for (const { name, kind, isOptional, selector } of fields) {
        const extension = selector.extensions.find((each) => members.has(each))
        try {
          const found = extension === undefined ? undefined : memberOf(extension, members.get(extension)!, selector, documents)
          if (found === undefined || found.value === null || found.value === undefined) {
            if (!isOptional) throw noMember(selector, members)
            continue
          }
          sample[name] = found.isDocument ? fromDocument(kind, found.value) : fromMember(kind, found.value as Uint8Array)
        } catch (error) {
          throw wrongMember({ shard, key, field: name, extension }, error)
        }
      }
      try {
        type.pack(sample as InferFields<F>, key) // whoever packs it looks at every value
      } catch (error) {
        throw wrongMember({ shard, key, field: '', extension: undefined }, error)
      }
      return sample as InferFields<F>
    },
  }
}

function memberOf(
  extension: string,
  bytes: Uint8Array,
  { pointer }: Selector,
  documents: Map<string, unknown>,
): { readonly value: unknown; readonly isDocument: boolean } {
  if (pointer === undefined || !isDocument(extension)) return { value: bytes, isDocument: false }
  if (!documents.has(extension)) documents.set(extension, readDocument(extension, bytes))
  return { value: valueAt(documents.get(extension), pointer), isDocument: true }
}
