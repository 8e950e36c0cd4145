/** A body that breaks off is never stored, so a shard that was given up is not stored half. */
export async function* untilFailure(chunks: AsyncIterable<Uint8Array>, failure: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    failure.throwIfAborted()
    yield chunk
  }
  failure.throwIfAborted()
}
