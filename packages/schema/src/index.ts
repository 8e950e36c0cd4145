/**
 * What a sample is: typed fields, their bytes, schema records and references. Start with {@link defineSample}.
 *
 * ```ts
 * const ImageSample = defineSample('mymodule.ImageSample', {
 *   image: ndarray('float32', [null, null, 3]),
 *   label: str(),
 *   score: float().optional(),
 * })
 * type ImageSample = Infer<typeof ImageSample>
 * const bytes = ImageSample.pack({ image: NDArray.from(pixels, [32, 32, 3]), label: 'cat' })
 * const { image } = ImageSample.unpack(bytes)
 * ```
 * @module
 */
export { decodeArray, encodeArray } from './array/compact.ts'
export type { ArraySource, NestedValues } from './array/lay-out.ts'
export { type NaturalDtype, NDArray } from './array/ndarray.ts'
export { encodeNpy } from './array/npy.ts'
export { stackArrays } from './array/stack.ts'
export type { ArrayValues, DtypeName, NumericArray, ValuesOf } from './array/values-of.ts'
export { type CodegenOptions, generateTypeScript } from './codegen.ts'
export {
  array,
  arrowTensor,
  bool,
  bytes,
  dataframe,
  type Field,
  type Fields,
  float,
  type InferFields,
  int,
  type NdarrayOptions,
  ndarray,
  safetensors,
  sparse,
  str,
  structured,
} from './field.ts'
export {
  type BinaryFormat,
  type BinaryKind,
  type FieldKind,
  isView,
  type ListKind,
  type NdarrayKind,
  type PrimitiveKind,
} from './field-kind.ts'
export type { CastKind, CastValue } from './lens/cast.ts'
export { type CodedLens, type DeclaredLens, defineLens, type Lens, type LensField, lensOfMapping } from './lens/define-lens.ts'
export { brokenLensLaws, type LensLaw } from './lens/laws.ts'
export { type LensRecord, type LensRecordOptions, parseLensRecord, stringifyLens } from './lens/lens-record.ts'
export { formatLensRef, type LensRef, parseLensRef } from './lens/lens-ref.ts'
export type { FieldMapping, LensMapping } from './lens/mapping.ts'
export { findLens, registerLens, viewsOf } from './lens/registry.ts'
export { ByteWriter } from './msgpack/byte-writer.ts'
export { decodeMsgpack, decodeMsgpackMap, encodeMsgpack, encodeMsgpackInto, type MsgpackValue } from './msgpack/value.ts'
export { schemaDigest, stringifyRecord } from './record/digest.ts'
export { parseSchemaRecord } from './record/parse-record.ts'
export type { FieldRecord, FieldTypeRecord, RecordMark, SchemaRecord } from './record/schema-record.ts'
export { type RecordOptions, sampleTypeFromRecord, toSchemaRecord } from './record/to-record.ts'
export { defineSample, describeFields, describeSchema, type Infer, isSampleType, type SampleType } from './sample-type.ts'
export { formatSchemaRef, parseSchemaRef, type SchemaRef } from './schema-ref.ts'
export { compareVersions, isVersion, latestVersion, nextPatch } from './version.ts'
