/** The namespace that atdata 0.6 and later write. */
const NOW = 'science.alt.dataset'
/** The namespace up to atdata 0.5. Records of it are read, never written. */
const BEFORE = 'ac.foundation.dataset'

/** Collections that are written. */
export const NSID = {
  schema: `${NOW}.schema`,
  entry: `${NOW}.entry`,
  label: `${NOW}.label`,
  lens: `${NOW}.lens`,
} as const

/** Collections that are only read, newest first. */
export const OLD_NSID = {
  schema: `${BEFORE}.schema`,
  sampleSchema: `${BEFORE}.sampleSchema`,
  entry: `${BEFORE}.record`,
} as const

/** The `$type` of where shards lie, of both generations. */
export const STORAGE = {
  http: `${NOW}.storageHttp`,
  s3: `${NOW}.storageS3`,
  blobs: `${NOW}.storageBlobs`,
  oldHttp: `${BEFORE}.storageHttp`,
  oldS3: `${BEFORE}.storageS3`,
  oldBlobs: `${BEFORE}.storageBlobs`,
  oldExternal: `${BEFORE}.storageExternal`,
} as const

/** The `$type` of a schema's body. */
export const JSON_SCHEMA_FORMAT = `${NSID.schema}#jsonSchemaFormat` as const
