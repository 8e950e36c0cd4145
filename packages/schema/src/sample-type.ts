import { ShardexError } from '@shardex/errors'
import type { Fields, InferFields } from './field.ts'
import { describeKind } from './field-kind.ts'
import { ByteWriter } from './msgpack/byte-writer.ts'
import { compilePacker } from './pack-sample.ts'
import { checkFieldName, checkSampleName } from './sample-name.ts'
import { compileUnpacker } from './unpack-sample.ts'

/** The TypeScript type of the samples of a {@link SampleType} or of a record of fields. */
export type Infer<T> = T extends SampleType<infer F> ? InferFields<F> : T extends Fields ? InferFields<T> : never

/**
 * A sample type, compiled: what a sample is called, what it holds, and how it becomes bytes and back. The bytes are those of
 * the Python package atdata for the same values: one msgpack map, keys in field order.
 */
export interface SampleType<F extends Fields = Fields> {
  /** With the module in front, if it was given: `mymodule.ImageSample`. */
  readonly name: string
  /** The last part of the name: `ImageSample`. */
  readonly typeName: string
  readonly description: string | undefined
  readonly fields: F
  /**
   * The bytes of one sample. A property `__key__` of the sample is ignored; it is the sample's place in a shard.
   * @param sampleName what errors call the sample; default, the name of the type
   * @throws {ShardexError} `sample.invalid` for a missing, unknown or ill-typed field
   */
  pack(sample: InferFields<F>, sampleName?: string): Uint8Array
  /** {@link pack}, appended to `writer`. A refused sample leaves the writer as it was. */
  packInto(writer: ByteWriter, sample: InferFields<F>, sampleName: string): void
  /**
   * One sample from the whole of `bytes`. Byte strings and arrays are views of `bytes`, not copies: do not change or reuse `bytes`
   * while the sample is in use. Fields the type does not declare are checked and skipped; optional fields may be missing.
   * @throws {ShardexError} `sample.invalid`, with the refusal of the bytes as its cause
   */
  unpack(bytes: Uint8Array, sampleName?: string): InferFields<F>
}

/** One huge sample shall not hold its memory for as long as the type lives. */
const KEPT_BYTES = 4 * 2 ** 20

/**
 * Define a sample type. Do it once and keep it: this compiles the encoder and the decoder.
 *
 * ```ts
 * const ImageSample = defineSample('mymodule.ImageSample', {
 *   image: ndarray('float32', [null, null, 3]),
 *   label: str(),
 *   score: float().optional(),
 * })
 * type ImageSample = Infer<typeof ImageSample>
 * ```
 * @param name identifiers separated by dots; the last is the name of the type, the others of its module
 * @throws {ShardexError} `schema.invalid` for a name or field name that is no identifier, a field name starting with two underscores or
 * known to every JavaScript object, and for no fields
 */
export function defineSample<const F extends Fields>(
  name: string,
  fields: F,
  options: { readonly description?: string | undefined } = {},
): SampleType<F> {
  const typeName = checkSampleName(name)
  const names = Object.keys(fields)
  for (const fieldName of names) checkFieldName(fieldName, name)
  if (names.length === 0) {
    const details = { schema: name, found: 'no fields', wanted: 'at least one field' }
    throw new ShardexError('schema.invalid', details, { message: `the sample type ${name} has no fields; give it at least one` })
  }
  const packFields = compilePacker(fields)
  const unpackFields = compileUnpacker(fields)
  let scratch = new ByteWriter()
  const type: SampleType<F> = {
    name,
    typeName,
    description: options.description,
    fields,
    pack(sample, sampleName = typeName) {
      scratch.reset()
      packFields(scratch, sample, sampleName)
      const bytes = scratch.toBytes()
      if (bytes.length > KEPT_BYTES) scratch = new ByteWriter()
      return bytes
    },
    packInto(writer, sample, sampleName) {
      packFields(writer, sample, sampleName)
    },
    unpack(bytes, sampleName = typeName) {
      return unpackFields(bytes, sampleName) as InferFields<F>
    },
  }
  defined.add(type)
  return type
}

const defined = new WeakSet<object>()

/** Whether {@link defineSample} made it, so that its samples hold what its fields say, and nothing else. */
export function isSampleType(value: object): value is SampleType {
  return defined.has(value)
}

/** A line for each field: `image: ndarray float32 [*, *, 3]`, `score: float, optional`. */
export function describeFields(type: SampleType): string[] {
  return Object.entries(type.fields).map(
    ([name, { kind, isOptional }]) => `${name}: ${describeKind(kind)}${isOptional ? ', optional' : ''}`,
  )
}

/** The name of a type, its description and its fields, for people. */
export function describeSchema(type: SampleType): string {
  const title = type.description === undefined ? type.name : `${type.name}: ${type.description}`
  return [title, ...describeFields(type).map((line) => `  ${line}`)].join('\n')
}
