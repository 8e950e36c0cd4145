import { describe } from '@shardex/errors'

/**
 * A value that does not fit where it was put. Thrown by the encoders, which know the value but not whose it is; caught where
 * the sample's name is known and turned into a `ShardexError` there. Never leaves the package.
 */
export class Misfit extends Error {
  readonly found: string
  readonly wanted: string
  /** Where inside the field: `''` or `[3]`, `[3][0]`, `.name`. */
  path = ''

  constructor(found: string, wanted: string) {
    super()
    this.found = found
    this.wanted = wanted
  }
}

export function misfit(value: unknown, wanted: string): Misfit {
  return new Misfit(describe(value), wanted)
}

/** Prefix the place of a misfit while the error climbs out of a list or a map. */
export function within(step: string, error: unknown): unknown {
  if (error instanceof Misfit) error.path = `${step}${error.path}`
  return error
}
