import { isShardexError, ShardexError } from '@shardex/errors'
import { Misfit } from './misfit.ts'

/** A refusal, and the field it happened in. Never leaves the package. */
export class FieldError extends Error {
  readonly field: string
  readonly reason: unknown

  constructor(field: string, reason: unknown) {
    super()
    this.field = field
    this.reason = reason
  }
}

/** `sample.invalid` for a refusal of ours, naming sample and field; everything else as it is. */
export function sampleError(sample: string, fieldName: string, error: unknown): unknown {
  if (error instanceof FieldError) return sampleError(sample, error.field, error.reason)
  if (error instanceof Misfit) return refusal(sample, `${fieldName}${error.path}`, error, error)
  if (isShardexError(error, 'array.invalid') || isShardexError(error, 'msgpack.invalid')) {
    return refusal(sample, fieldName, error.details as { found: string; wanted: string }, error)
  }
  return error
}

function refusal(sample: string, field: string, { found, wanted }: { found: string; wanted: string }, cause: unknown): Error {
  const where = field === '' ? `sample ${sample}` : `sample ${sample}, field ${field}`
  const message = `${where}: found ${found}, wanted ${wanted}; change the value or the schema`
  return new ShardexError('sample.invalid', { sample, field, found, wanted }, { message, cause })
}
