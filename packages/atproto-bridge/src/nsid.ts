/** Collections that are written: in the namespace of atdata 0.6 and later. */
export const NSID = {
  schema: 'science.alt.dataset.schema',
  entry: 'science.alt.dataset.entry',
  label: 'science.alt.dataset.label',
  lens: 'science.alt.dataset.lens',
} as const

/** Collections that are only read, newest first: in the namespace up to atdata 0.5. */
export const OLD_NSID = {
  schema: 'ac.foundation.dataset.schema',
  sampleSchema: 'ac.foundation.dataset.sampleSchema',
  entry: 'ac.foundation.dataset.record',
} as const

/** The `$type` of where shards lie, of both generations. */
export const STORAGE = {
  http: 'science.alt.dataset.storageHttp',
  s3: 'science.alt.dataset.storageS3',
  blobs: 'science.alt.dataset.storageBlobs',
  oldHttp: 'ac.foundation.dataset.storageHttp',
  oldS3: 'ac.foundation.dataset.storageS3',
  oldBlobs: 'ac.foundation.dataset.storageBlobs',
  oldExternal: 'ac.foundation.dataset.storageExternal',
} as const

/** The `$type` of a schema's body. */
export const JSON_SCHEMA_FORMAT = 'science.alt.dataset.schema#jsonSchemaFormat' as const
