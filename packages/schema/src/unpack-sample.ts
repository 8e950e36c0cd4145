import { type DecodeValue, decoderOf } from './decode-value.ts'
import type { Fields } from './field.ts'
import { Misfit } from './misfit.ts'
import { ByteWriter } from './msgpack/byte-writer.ts'
import { invalid, MsgpackReader } from './msgpack/reader.ts'
import { readValue } from './msgpack/value.ts'
import { writeString } from './msgpack/write.ts'
import { FieldError, sampleError } from './sample-error.ts'

export type UnpackSample = (bytes: Uint8Array, sampleName: string) => Record<string, unknown>

interface Step {
  readonly name: string
  readonly key: Uint8Array
  readonly isOptional: boolean
  readonly decode: DecodeValue
}

/**
 * Compile the reader of a sample type. Keys in schema order, as every writer of the format puts them, are compared as bytes; the first
 * one that is not where it was expected switches to looking keys up.
 */
export function compileUnpacker(fields: Fields): UnpackSample {
  const steps = Object.entries(fields).map(([name, { kind, isOptional }]) => ({
    name,
    key: keyBytes(name),
    isOptional,
    decode: decoderOf(kind),
  }))
  // Copying an object that has all properties already gives every sample the same hidden class.
  const blank: Record<string, unknown> = Object.fromEntries(steps.map(({ name }) => [name, undefined]))

  return (bytes, sampleName) => {
    const sample = { ...blank }
    const reader = new MsgpackReader(bytes)
    let field = ''
    try {
      const count = reader.readMapLength()
      let position = 0
      while (position < count && position < steps.length) {
        const step = steps[position] as Step
        if (!reader.takeBytes(step.key)) break
        field = step.name
        sample[field] = readField(reader, step)
        position++
      }
      field = ''
      if (position < count) readInAnyOrder(reader, sample, steps, position, count)
      else for (; position < steps.length; position++) expectOptional(steps[position] as Step)
      reader.expectEnd()
      return sample
    } catch (error) {
      throw sampleError(sampleName, field, error)
    }
  }
}

function readField(reader: MsgpackReader, { isOptional, decode }: Step): unknown {
  return isOptional && reader.takeNil() ? undefined : decode(reader)
}

/** Read entries `[position, count)` of the map by name; the first `position` fields have been read. Fields nobody declared are skipped. */
function readInAnyOrder(
  reader: MsgpackReader,
  sample: Record<string, unknown>,
  steps: readonly Step[],
  position: number,
  count: number,
): void {
  const missing = new Map(steps.slice(position).map((step) => [step.name, step]))
  const seen = new Set(steps.slice(0, position).map(({ name }) => name))
  for (let i = position; i < count; i++) {
    const offset = reader.at
    const name = reader.readString()
    if (seen.has(name)) throw invalid(offset, `the key ${JSON.stringify(name.slice(0, 60))} twice`, 'every key once')
    seen.add(name)
    const step = missing.get(name)
    missing.delete(name)
    try {
      if (step === undefined) readValue(reader, 0)
      else sample[name] = readField(reader, step)
    } catch (error) {
      throw new FieldError(name.slice(0, 60), error)
    }
  }
  for (const step of missing.values()) expectOptional(step)
}

function expectOptional({ name, isOptional }: Step): void {
  if (!isOptional) throw new FieldError(name, new Misfit('nothing', 'the field'))
}

function keyBytes(name: string): Uint8Array {
  const writer = new ByteWriter(64)
  writeString(writer, name)
  return writer.toBytes()
}
