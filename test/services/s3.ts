/** An S3-compatible server, and the account that may create buckets on it. Use path-style addresses. */
export interface S3Server {
  /** What it is, for test titles: `ceph`, `versitygw`. */
  readonly name: string
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

/**
 * What the server that answers there calls itself. Throws if nothing that speaks HTTP answers; S3 answers a stranger with
 * 403 and XML, which is enough.
 */
export async function s3Answers(endpoint: string): Promise<string> {
  const response = await fetch(endpoint, { signal: AbortSignal.timeout(5000) })
  await response.body?.cancel()
  if (response.status >= 500) throw new Error(`${endpoint} answers ${response.status}`)
  return response.headers.get('server') ?? 'an S3 server'
}
