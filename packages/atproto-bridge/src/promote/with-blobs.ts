import type { Upload } from './upload-blob.ts'
import { isRefusal } from './xrpc-failure.ts'

/** The blobs that a commit needs, and how to send one. */
export interface BlobSender {
  readonly uploads: readonly Upload[]
  readonly send: (upload: Upload, onBytes: (count: number) => void) => Promise<void>
  /** Bytes that the account has, as far as is known, of all that it needs. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void
}

/**
 * Makes a commit, sending the blobs that the PDS misses. Only the PDS knows what it has of blobs that no record points to yet, be it from a run before; asked to commit,
 * it names one that it misses. Which one depends on the order in which it looks at them: forwards or, as the reference implementation, backwards. The second
 * name shows the direction, and the rest is sent in that direction, so that a later run finds its place in the same way.
 */
export async function withBlobs<T>(sender: BlobSender, commit: () => Promise<T>): Promise<{ result: T; sentBytes: number }> {
  const { uploads } = sender
  const totalBytes = uploads.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const sent = new Set<Upload>()
  let sentBytes = 0
  let before: number | undefined
  for (;;) {
    try {
      return { result: await commit(), sentBytes }
    } catch (error) {
      if (!isRefusal(error, 'BlobNotFound')) throw error
      const named = uploads.findIndex(({ cid }) => error.message.includes(cid))
      const missing = missingOf(uploads, named, before).filter((upload) => !sent.has(upload))
      // It misses what it has just taken, or something else than ours.
      if (missing.length === 0) throw error
      before = named
      let doneBytes = totalBytes - missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      for (const upload of missing) {
        await sender.send(upload, (count) => {
          doneBytes += count
          sender.onProgress(doneBytes, totalBytes)
        })
        sent.add(upload)
        sentBytes += upload.sizeBytes
      }
    }
  }
}

/** @param named the one that the PDS has named, -1 if it has named none that we know */
function missingOf(uploads: readonly Upload[], named: number, before: number | undefined): Upload[] {
  if (named < 0) return [...uploads]
  if (before === undefined) return uploads.slice(named, named + 1)
  return named > before ? uploads.slice(named) : uploads.slice(0, named + 1).reverse()
}
