import { resolve } from 'node:path'
import { type ObjectStore, openFileStore, openS3Store, parseUrl } from '@shardex/storage'
import type { Context } from '../context.ts'
import { usageError } from '../usage-error.ts'

/** Where files are written. */
export interface Target extends AsyncDisposable {
  readonly store: ObjectStore
}

/** A directory, made if it is missing, or a place in a bucket, with the credentials of the store if that is S3. */
export async function openTarget(place: string, { config, cwd }: Context): Promise<Target> {
  const parsed = parseUrl(/^[a-z][a-z0-9+.-]*:/i.test(place) ? place : resolve(cwd, place))
  switch (parsed.scheme) {
    case 'file':
      return target(await openFileStore(parsed.path))
    case 's3': {
      const { bucket, key } = parsed
      const credentials = config.store.kind === 's3' ? config.store.credentials : undefined
      return target(await openS3Store({ bucket, prefix: key.replace(/\/$/, ''), credentials }))
    }
    default:
      throw usageError('<directory|s3://bucket/prefix>', place, 'a place that can be written to')
  }
}

function target(store: ObjectStore): Target {
  return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}
