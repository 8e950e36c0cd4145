import { ShardexError } from '@shardex/errors'

/** What a reference to a stored lens says. */
export interface LensRef {
  readonly name: string
  /** Mostly semver, but other writers do not insist. */
  readonly version: string
}

const PREFIX = 'atdata://local/lens/'
const NAME = /^[^\p{Cc}\s/@]{1,200}$/u
const VERSION = /^[\w.+-]{1,128}$/

/** @throws {ShardexError} `ref.invalid` for what is not `atdata://local/lens/{name}@{version}` */
export function parseLensRef(ref: string): LensRef {
  const at = ref.lastIndexOf('@')
  const [name, version] = [ref.slice(PREFIX.length, at), ref.slice(at + 1)]
  if (ref.startsWith(PREFIX) && at > PREFIX.length && NAME.test(name) && VERSION.test(version)) return { name, version }
  throw refuse(ref)
}

/** @throws {ShardexError} `ref.invalid` for what {@link parseLensRef} would not read */
export function formatLensRef(name: string, version: string): string {
  const ref = `${PREFIX}${name}@${version}`
  if (!NAME.test(name) || !VERSION.test(version)) throw refuse(ref)
  return ref
}

function refuse(ref: string): ShardexError {
  const found = JSON.stringify(ref.length > 200 ? `${ref.slice(0, 200)}…` : ref)
  const wanted = `${PREFIX}name@1.0.0, without spaces or slashes in the name`
  return new ShardexError(
    'ref.invalid',
    { ref: ref.slice(0, 1024), found, wanted },
    { message: `not a lens reference: ${found}; wanted ${wanted}` },
  )
}
