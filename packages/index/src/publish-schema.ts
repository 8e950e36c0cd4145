import { ShardexError } from '@shardex/errors'
import {
  formatSchemaRef,
  isVersion,
  nextPatch,
  parseSchemaRecord,
  type SampleType,
  schemaDigest,
  stringifyRecord,
  toSchemaRecord,
} from '@shardex/schema'
import type { CallOptions, IndexProvider } from './provider.ts'
import { corrupt } from './refusals.ts'

export interface PublishOptions extends CallOptions {
  /** Semver. Left out: the version that has this definition already, else the next patch of the latest, else 1.0.0. */
  readonly version?: string | undefined
  readonly description?: string | undefined
}

/** Far more than publishers that can be at work at once: each round some of them wins. */
const MAX_ROUNDS = 10_000

/**
 * Publish a definition under the next free version, or find it published. Looks, then writes on the condition that what it saw is still
 * so: one of several publishers gets a version, the others look again.
 * @returns the reference
 * @throws {ShardexError} `schema.conflict` if the version is taken by another definition; `ref.invalid` for a version that is not semver
 */
export async function publishSchema(index: IndexProvider, type: SampleType, options: PublishOptions = {}): Promise<string> {
  const { version, description } = options
  if (version !== undefined && !isVersion(version)) throw badVersion(type, version)
  const digest = schemaDigest(type)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const state = await index.schemaState(type.typeName, digest, options)
    if (version === undefined && state.sameAs !== undefined) return formatSchemaRef(type.name, state.sameAs)
    const candidate = version ?? nextPatch(state.latest === undefined ? [] : [state.latest])
    const record = toSchemaRecord(type, { version: candidate, createdAt: new Date(), description })
    const schema = { typeName: type.typeName, version: candidate, text: stringifyRecord(record) }
    const seen = version === undefined ? (state.latest ?? '') : undefined
    const outcome = await index.putSchema(schema, digest, seen, options)
    if (outcome === 'put') return formatSchemaRef(type.name, candidate)
    if (outcome === 'taken' && version !== undefined) return sameDefinition(index, type, version, digest, options)
  }
  throw corrupt(`the versions of ${type.typeName}`, `no free version in ${MAX_ROUNDS} rounds`, 'the next patch to be free')
}

async function sameDefinition(
  index: IndexProvider,
  type: SampleType,
  version: string,
  digest: string,
  options: CallOptions,
): Promise<string> {
  const ref = formatSchemaRef(type.name, version)
  const text = await index.findSchema(type.typeName, version, type.name, options)
  if (text !== undefined && schemaDigest(parseSchemaRecord(text)) === digest) return ref
  throw new ShardexError(
    'schema.conflict',
    { ref, found: `another definition of ${type.typeName}@${version}`, wanted: 'the same definition, or a version that is free' },
    {
      message: `${ref} is published with other fields; publish this definition under another version, or without one to get the next`,
    },
  )
}

function badVersion(type: SampleType, version: string): ShardexError {
  const found = JSON.stringify(version.slice(0, 100))
  const wanted = 'a semantic version like 1.2.3'
  return new ShardexError(
    'ref.invalid',
    { ref: `${type.name}@${version}`, found, wanted },
    { message: `the version of ${type.name}: found ${found}, wanted ${wanted}` },
  )
}
