import { ShardexError } from '@shardex/errors'

const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u
const MAX_LENGTH = 255

/**
 * Check the name of a sample type and return its last part.
 * @throws {ShardexError} `schema.invalid`
 */
export function checkSampleName(name: string): string {
  if (!isSampleName(name))
    throw refuse(name, `the name ${quote(name)}`, 'identifiers separated by dots, like mymodule.ImageSample')
  return typeNameOf(name)
}

export function isSampleName(name: string): boolean {
  return name.length <= MAX_LENGTH && name.split('.').every((part) => IDENTIFIER.test(part))
}

/** The part after the last dot. */
export function typeNameOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

/** @throws {ShardexError} `schema.invalid` */
export function checkFieldName(field: string, schema: string): void {
  if (field.length > MAX_LENGTH || !IDENTIFIER.test(field))
    throw refuse(schema, `the field name ${quote(field)}`, 'an identifier')
  if (field.startsWith('__'))
    throw refuse(schema, `the field name ${quote(field)}`, 'a name that does not start with two underscores')
  // Reading such a property of a sample that lacks it would find the one every object inherits.
  if (field in Object.prototype)
    throw refuse(schema, `the field name ${quote(field)}`, 'a name that not every JavaScript object has')
}

function quote(name: string): string {
  return JSON.stringify(name.slice(0, 60))
}

function refuse(schema: string, found: string, wanted: string): ShardexError {
  const message = `the sample type ${quote(schema)} cannot be: found ${found}, wanted ${wanted}`
  return new ShardexError('schema.invalid', { schema: schema.slice(0, MAX_LENGTH), found, wanted }, { message })
}
