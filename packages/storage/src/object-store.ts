/** Options of every call that does I/O. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/** A half-open byte range `[start, end)`; `end` left out means to the end of the object. */
export interface ByteRange {
  readonly start: number
  readonly end?: number | undefined
}

export interface ObjectHead {
  /** Relative to the store's root, `/`-separated, never starting with `/`. */
  readonly key: string
  readonly sizeBytes: number
  readonly modifiedAtMs?: number | undefined
  /** The backend's version mark of these bytes, unquoted. Equal marks mean equal bytes; compare, never parse. */
  readonly etag?: string | undefined
  /**
   * The backend's own checksum over the content, told by `head`, `put` and `copy`: `crc32:` with the base64 of S3's `x-amz-checksum-crc32`, or `etag:`
   * with the mark of S3 servers that keep no checksum. Equal checksums mean equal bytes; others may just have been stored another way.
   * Backends that keep none, such as a directory, have none.
   */
  readonly checksum?: string | undefined
}

export interface ObjectBody extends ObjectHead {
  /**
   * Bytes of the range asked for, in order, to be iterated once. Ends early only by throwing. Each chunk belongs to the receiver, who may write into it, unless it let it be reused.
   * Stopping the iteration releases the connection; a body that nobody reads is released after a while by itself.
   */
  readonly chunks: AsyncIterable<Uint8Array>
  /** How many bytes `chunks` yields. */
  readonly lengthBytes: number
}

export interface HeadOptions extends CallOptions {
  /**
   * Tell of an object only what the loss of power cannot take back: another writer may have made it visible and not durable yet. A store of files syncs it first; on S3 that is
   * the server's to see to. Default false.
   */
  readonly durable?: boolean | undefined
}

/** How the chunks of a body come. */
export interface ChunkOptions extends CallOptions {
  /**
   * Whoever reads is done with each chunk when it asks for the next, so that the store may write over it: fresh memory for every chunk costs more than
   * reading it from a file. Default false: chunks stay as they are. Stores whose bytes come from a network do not look at it.
   */
  readonly reuse?: boolean | undefined
  /**
   * Gives memory for all bytes of the range, or nothing if they are too many. A store that reads files asks for it once, when it knows that there are so many, and puts chunks in their
   * places there; it is the caller's to say when they are written over. Other chunks lie elsewhere, and in other stores all of them.
   */
  readonly into?: ((sizeBytes: number) => Uint8Array | undefined) | undefined
}

export interface GetOptions extends ChunkOptions {
  /** Default: the whole object. */
  readonly range?: ByteRange | undefined
  /** The SHA-256 of the whole object, 64 lower-case hex digits, where the caller knows it: a cache finds it by that. Backends do not look at it. */
  readonly sha256?: string | undefined
}

export interface PutOptions extends CallOptions {
  /** Refuse with `storage.exists` if the key is taken; never overwrites, even in a race. Needs `supports.putIfAbsent`. */
  readonly ifAbsent?: boolean | undefined
  readonly contentType?: string | undefined
  /** How many bytes will come, where that is known: a store need not wait to see whether there are many. If it is wrong, the object is still what came, though perhaps in parts. */
  readonly sizeBytes?: number | undefined
  /** Called with the number of bytes that have left for the backend so far. */
  readonly onProgress?: ((sentBytes: number) => void) | undefined
}

export interface ListOptions extends CallOptions {
  /** From the `cursor` of the page before. */
  readonly cursor?: string | undefined
  /** At most this many objects in the page, 1 to 1000. Default 1000. */
  readonly limit?: number | undefined
}

export interface ListPage {
  /** In ascending UTF-8 byte order of key. */
  readonly objects: readonly ObjectHead[]
  /** Set if there may be more. */
  readonly cursor?: string | undefined
}

export interface StoreSupports {
  readonly write: boolean
  readonly list: boolean
  readonly putIfAbsent: boolean
}

export interface SweepOptions extends CallOptions {
  /** Only what has not been touched for so long, so that writers still at work are left alone. */
  readonly olderThanMs: number
  /** Only what was to become an object under one of these keys. Of a temporary file only the first 70 characters of the name are known. */
  readonly only?: ((key: string) => boolean) | undefined
}

/**
 * A place for immutable objects under string keys. Absence is `undefined`; refusal is a `ShardexError` of the `storage.*`,
 * `credentials.*` and `key.invalid` codes. An object becomes visible whole when `put` returns, and not at all if it throws or is
 * aborted. Every store takes the same keys: see `assertObjectKey`. Any call on a store that was disposed of is a `TypeError`.
 */
export interface ObjectStore extends AsyncDisposable {
  /** What a key is appended to: `s3://bucket/`, `/data/`, `https://host/path/`. Ends with `/`. */
  readonly rootUrl: string
  readonly supports: StoreSupports
  /** The URL that other programs know an object by: an absolute path, `s3://bucket/key` or `https://…`. */
  urlOf(key: string): string
  head(key: string, options?: HeadOptions): Promise<ObjectHead | undefined>
  /**
   * A range past the end of the object is a `storage.corrupt` error; a range that ends past it too. A connection that breaks or
   * stalls while the body is read is taken up again where it broke; if the object was replaced meanwhile: `storage.corrupt`.
   */
  get(key: string, options?: GetOptions): Promise<ObjectBody | undefined>
  /**
   * Write bytes of known or unknown length. Memory is bounded whatever the length. A chunk is not touched by the caller until
   * the iterable is asked for the next one; after that it may be reused. What was begun is cleaned up on error and abort.
   * An error of the iterable itself passes through as it is.
   * @throws {ShardexError} `storage.full`, `storage.denied`, `storage.read_only`; `storage.exists` with `ifAbsent`
   */
  put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<ObjectHead>
  /** One page of the objects whose key starts with `prefix`. @throws {ShardexError} `storage.unsupported` without `supports.list` */
  list(prefix: string, options?: ListOptions): Promise<ListPage>
  /** Within the store. @throws {ShardexError} `storage.not_found`; `storage.exists` with `ifAbsent` */
  copy(from: string, to: string, options?: CallOptions & { readonly ifAbsent?: boolean | undefined }): Promise<ObjectHead>
  /** Deleting what is not there is not an error. */
  delete(key: string, options?: CallOptions): Promise<void>
  /**
   * Remove what writers that died left under `prefix`: temporary files, multipart uploads that were never finished. Objects are
   * not touched.
   * @returns how many leftovers were removed
   */
  sweep(prefix: string, options: SweepOptions): Promise<number>
}
