/** What is wrong with something that somebody wants to publish, and what would set it right. */
export interface Problem {
  readonly code: ProblemCode
  /** Where in the records: `entry.storage.shards[3].url`. */
  readonly path: string
  readonly found: string
  readonly wanted: string
  /** What to do next. */
  readonly advice: string
}

export type ProblemCode =
  | 'url.local'
  | 'url.scheme'
  | 'url.invalid'
  | 'url.credentials'
  | 'url.private'
  | 'url.pattern'
  | 'bucket.many'
  | 'endpoint.missing'
  | 'digest.missing'
  | 'shards.missing'
  | 'blob.too_large'
  | 'number.float'
  | 'value.unsupported'
  | 'record.invalid'
  | 'record.too_large'

/** Takes what is wrong, as it is found. */
export type Note = (problem: Problem) => void
