import {
  type CacheOptions,
  type ObjectStore,
  openS3Store,
  openStorage,
  readS3Credentials,
  type S3Credentials,
  type S3UploadOptions,
  type Storage,
} from '@shardex/storage'
import { type DataStore, type Writable, type WriteShardsOptions, writeUrls } from './data-store.ts'

export interface S3DataStoreOptions {
  /** A path to a `.env` file or an object with `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, unless for AWS itself, `AWS_ENDPOINT`. Default: the AWS default chain. */
  readonly credentials?: string | S3Credentials | undefined
  readonly bucket: string
  /** As that of {@link openStorage}: shards that are read again come from this machine's disk. */
  readonly cache?: CacheOptions | undefined
  /** How objects are cut into parts, and how many of them are on their way at once. */
  readonly upload?: S3UploadOptions | undefined
}

/** Shards in a bucket, written without a registry. Their URLs are `s3://bucket/key`. */
export class S3DataStore implements DataStore {
  readonly storage: Storage
  readonly bucket: string
  readonly #credentials: S3Credentials | undefined
  readonly #upload: S3UploadOptions | undefined
  #store: Promise<ObjectStore> | undefined
  #ended = false

  /** @throws `credentials.missing` */
  constructor({ credentials, bucket, cache, upload }: S3DataStoreOptions) {
    this.#credentials = credentials === undefined ? undefined : readS3Credentials(credentials)
    this.#upload = upload
    this.bucket = bucket
    this.storage = openStorage({ s3: this.#credentials, cache })
  }

  async objects(): Promise<ObjectStore> {
    if (this.#ended) throw new TypeError('the store was disposed of; make a new one')
    this.#store ??= openS3Store({ bucket: this.bucket, credentials: this.#credentials, upload: this.#upload })
    return this.#store
  }

  async writeShards(dataset: Writable, options: WriteShardsOptions): Promise<string[]> {
    return writeUrls(await this.objects(), dataset, options)
  }

  readUrl(url: string): string {
    const endpoint = this.#credentials?.AWS_ENDPOINT
    return endpoint !== undefined && url.startsWith('s3://')
      ? `${endpoint.replace(/\/+$/, '')}/${url.slice('s3://'.length)}`
      : url
  }

  supportsStreaming(): boolean {
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    await (await this.#store)?.[Symbol.asyncDispose]()
    await this.storage[Symbol.asyncDispose]()
  }
}
