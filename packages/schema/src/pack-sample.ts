import { describe } from '@shardex/errors'
import { encoderOf } from './encode-value.ts'
import type { Fields } from './field.ts'
import { Misfit } from './misfit.ts'
import { ByteWriter } from './msgpack/byte-writer.ts'
import { NIL, writeMapHeader, writeString } from './msgpack/write.ts'
import { FieldError, sampleError } from './sample-error.ts'

export type PackSample = (writer: ByteWriter, sample: object, sampleName: string) => void

/** The property of a sample that carries its key; it belongs to the shard, not to the bytes of the sample. */
export const KEY_PROPERTY = '__key__'

/** Compile the writer of a sample type: one msgpack map, every field in order, absent optional ones as nil. */
export function compilePacker(fields: Fields): PackSample {
  const names = new Set([...Object.keys(fields), KEY_PROPERTY])
  const steps = Object.entries(fields).map(([name, { kind, isOptional }], position, all) => ({
    name,
    isOptional,
    // The map's header goes with the first key.
    prefix: prefixBytes(name, position === 0 ? all.length : undefined),
    encode: encoderOf(kind),
  }))

  const writeFields = (writer: ByteWriter, sample: Readonly<Record<string, unknown>>): void => {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as (typeof steps)[number]
      const value = sample[step.name]
      writer.write(step.prefix)
      if ((value === undefined || value === null) && step.isOptional) {
        writer.writeByte(NIL)
        continue
      }
      try {
        step.encode(writer, value)
      } catch (error) {
        throw new FieldError(step.name, error)
      }
    }
    for (const name in sample) {
      if (!names.has(name))
        throw new FieldError(name, new Misfit(describe(sample[name]), `only the fields ${[...names].join(', ')}`))
    }
  }

  return (writer, sample, sampleName) => {
    const start = writer.length
    try {
      if (typeof sample !== 'object' || sample === null)
        throw new FieldError('', new Misfit(describe(sample), 'an object with fields'))
      writeFields(writer, sample as Readonly<Record<string, unknown>>)
    } catch (error) {
      // Whoever catches this may go on with the next sample.
      writer.length = start
      throw sampleError(sampleName, '', error)
    }
  }
}

function prefixBytes(name: string, mapLength: number | undefined): Uint8Array {
  const writer = new ByteWriter(64)
  if (mapLength !== undefined) writeMapHeader(writer, mapLength)
  writeString(writer, name)
  return writer.toBytes()
}
