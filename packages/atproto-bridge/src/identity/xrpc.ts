import { setTimeout } from 'node:timers/promises'
import { isShardexError, ShardexError } from '@shardex/errors'
import type { Fetch } from './guarded-fetch.ts'

export interface XrpcOptions {
  readonly signal?: AbortSignal | undefined
  /** An answer that is larger is refused. Default 4 MiB; a record has at most 1. */
  readonly maxBytes?: number | undefined
}

const ATTEMPTS = 3
const SILENCE_MS = 30_000
const MAX_BYTES = 4 * 2 ** 20
const TRANSIENT: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])
/** What servers say of a record or account that they do not have. */
const ABSENT: ReadonlySet<string> = new Set([
  'RecordNotFound',
  'RepoNotFound',
  'RepoTakendown',
  'RepoDeactivated',
  'RepoSuspended',
])

/**
 * Ask a service without a session. The answer is JSON of anybody: nothing of it is checked but its size.
 * @returns `undefined` for what is not there
 * @throws {ShardexError} `atmosphere.unavailable`, `atmosphere.refused`; `record.invalid` for an answer that is too large or no JSON; `url.invalid`
 */
export async function xrpcGet(
  fetch: Fetch,
  service: string,
  nsid: string,
  params: Readonly<Record<string, string | undefined>>,
  { signal, maxBytes = MAX_BYTES }: XrpcOptions = {},
): Promise<unknown> {
  const url = new URL(`/xrpc/${nsid}`, service)
  for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, value)
  for (let attempt = 1; ; attempt++) {
    const { status, body } = await send(fetch, url, maxBytes, signal).catch((error: unknown) => {
      signal?.throwIfAborted()
      if (isShardexError(error)) throw error
      if (attempt >= ATTEMPTS) throw unavailable(url, reasonOf(error), error)
      return { status: 0, body: '' }
    })
    if (status === 200) return parsed(url, body)
    if (status !== 0 && !TRANSIENT.has(status)) return absent(url, status, body)
    if (attempt >= ATTEMPTS) throw unavailable(url, `HTTP ${status}`)
    await setTimeout(200 * 4 ** (attempt - 1), undefined, { signal })
  }
}

async function send(fetch: Fetch, url: URL, maxBytes: number, signal: AbortSignal | undefined) {
  const silence = AbortSignal.timeout(SILENCE_MS)
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: signal === undefined ? silence : AbortSignal.any([signal, silence]),
  })
  return { status: response.status, body: await text(response, url, maxBytes) }
}

async function text(response: Response, url: URL, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length
    if (sizeBytes > maxBytes) throw invalid(url, `more than ${maxBytes} bytes`, 'a smaller answer; ask for fewer at a time')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(url: URL, body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw invalid(url, 'an answer that is not JSON', 'JSON', cause)
  }
}

/** A refusal is absence, or else it is told. */
function absent(url: URL, status: number, body: string): undefined {
  let answer: { error?: unknown; message?: unknown } = {}
  try {
    answer = Object(JSON.parse(body))
  } catch {
    // A proxy answered, not the service.
  }
  // The reference PDS says it of records in words only.
  if (
    ABSENT.has(String(answer.error)) ||
    /^(Could not (locate|find) (record|repo)|Unable to resolve handle)/.test(String(answer.message))
  )
    return undefined
  const found = `HTTP ${status}${typeof answer.message === 'string' ? `: ${answer.message.slice(0, 200)}` : ''}`
  const message = `${url.origin} refused ${url.pathname.slice('/xrpc/'.length)}: ${found}`
  throw new ShardexError('atmosphere.refused', { url: url.origin, found }, { message })
}

function unavailable({ origin, pathname }: URL, why: string, cause?: unknown): ShardexError {
  const message = `${origin} did not answer ${pathname.slice('/xrpc/'.length)} (${why}); check that it runs and can be reached`
  return new ShardexError('atmosphere.unavailable', { url: origin }, { message, cause })
}

function invalid({ origin, pathname }: URL, found: string, wanted: string, cause?: unknown): ShardexError {
  const record = origin + pathname
  return new ShardexError(
    'record.invalid',
    { record, found, wanted },
    { message: `${record} gave ${found}; wanted ${wanted}`, cause },
  )
}

/** `fetch` says only that it failed; the reason is its cause. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(inner instanceof Error)) return String(error)
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message
}
