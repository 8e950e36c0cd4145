/** One `--option` of a command line, as data: it is parsed, checked and explained from this. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean'
  /** One letter: `-n`. */
  readonly short?: string | undefined
  /** What stands for the value in help: `NAME`. */
  readonly value?: string | undefined
  /** May be given several times. */
  readonly multiple?: boolean | undefined
  readonly required?: boolean | undefined
  readonly help: string
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>

/** Of every command. */
export const GLOBAL_OPTIONS: OptionSpecs = {
  json: { type: 'boolean', help: 'print the result as one JSON document, and errors as JSON on stderr' },
  redis: { type: 'string', value: 'URL', help: 'registry in Redis: redis://host:6379/0 (REDIS_URL)' },
  db: { type: 'string', value: 'FILE', help: 'registry in this SQLite file (default: index.db in the home)' },
  s3: { type: 'string', value: 'BUCKET[/PREFIX]', help: 'shards in S3 (SHARDEX_S3)' },
  's3-credentials': {
    type: 'string',
    value: 'FILE',
    help: '.env file with AWS_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY',
  },
  root: { type: 'string', value: 'DIR', help: 'shards in this directory (default: data in the home)' },
  home: { type: 'string', value: 'DIR', help: 'registry and shards together (SHARDEX_HOME, default ~/.shardex)' },
  help: { type: 'boolean', short: 'h', help: 'explain the command' },
}
