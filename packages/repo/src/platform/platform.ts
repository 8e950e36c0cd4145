/** SHA-256 of bytes that come piece by piece. */
export interface RunningSha256 {
  update(bytes: Uint8Array): void
  /** 32 bytes; ends it. */
  digest(): Uint8Array
}

/** Bytes that were put aside. Disposing throws them away. */
export interface Aside extends AsyncDisposable {
  /** To be iterated once. */
  readonly chunks: AsyncIterable<Uint8Array>
}
