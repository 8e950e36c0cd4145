import { ShardexError } from '@shardex/errors'
import { isSampleName, typeNameOf } from './sample-name.ts'

/** What a reference to a schema says. */
export interface SchemaRef {
  /** As written, with the module if it was there: `mymodule.ImageSample`. */
  readonly name: string
  /** The last part of the name, under which schemas are stored: `ImageSample`. */
  readonly typeName: string
  /** Mostly semver, but other writers do not insist. */
  readonly version: string
}

/** The one we write first; the others were written by atdata 0.3.1 and later, and by 0.2.2 to 0.3.0. */
const PREFIXES = ['local://schemas/', 'atdata://local/schema/', 'atdata://local/sampleSchema/'] as const
const MAX_LENGTH = 1024

/**
 * Read a reference in any of its three forms: `local://schemas/{module.Class}@{version}`, `atdata://local/schema/{Class}@{version}`,
 * `atdata://local/sampleSchema/{Class}@{version}`.
 * @throws {ShardexError} `ref.invalid`
 */
export function parseSchemaRef(ref: string): SchemaRef {
  const prefix = PREFIXES.find((candidate) => ref.startsWith(candidate))
  if (prefix === undefined || ref.length > MAX_LENGTH)
    throw refuse(ref, `a reference like ${PREFIXES[0]}mymodule.ImageSample@1.0.0`)
  const at = ref.lastIndexOf('@')
  if (at < 0) throw refuse(ref, 'a version after the name, like @1.0.0')
  return checked(ref, ref.slice(prefix.length, at), ref.slice(at + 1))
}

/**
 * `local://schemas/mymodule.ImageSample@1.0.0`
 * @throws {ShardexError} `ref.invalid` for what {@link parseSchemaRef} would not read
 */
export function formatSchemaRef(name: string, version: string): string {
  const ref = `${PREFIXES[0]}${name}@${version}`
  checked(ref, name, version)
  return ref
}

function checked(ref: string, name: string, version: string): SchemaRef {
  if (!isSampleName(name)) throw refuse(ref, 'a name of identifiers separated by dots')
  if (!/^[\w.+-]{1,128}$/.test(version)) throw refuse(ref, 'a version of letters, digits and . + - _ after the @')
  return { name, typeName: typeNameOf(name), version }
}

function refuse(ref: string, wanted: string): ShardexError {
  const found = JSON.stringify(ref.length > 200 ? `${ref.slice(0, 200)}…` : ref)
  return new ShardexError(
    'ref.invalid',
    { ref: ref.slice(0, MAX_LENGTH), found, wanted },
    { message: `not a schema reference: ${found}; wanted ${wanted}` },
  )
}
