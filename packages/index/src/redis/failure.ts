import { ShardexError } from '@shardex/errors'
import {
  beingDeleted,
  conflict,
  corrupt,
  entryInUse,
  entryNotFound,
  type IngestTerms,
  ingestBusy,
  ingestConflict,
  ingestLost,
  labelNotFound,
  nameNotFound,
  unavailable,
} from '../refusals.ts'

/**
 * What a failed call means. Aborts and our own errors pass untouched.
 * @param doing what was tried, for replies that name no key
 */
export function redisFailure(error: unknown, url: string, doing: string, { lastError, writeWasSent }: Circumstances): unknown {
  if (!(error instanceof Error) || error instanceof ShardexError) return error
  const text = error.message
  const refusal = refusalOf(text)
  if (refusal !== undefined) return refusal
  return isReply(error) ? replyFailure(error, url, doing) : connectionFailure(lastError ?? error, error, url, writeWasSent)
}

export interface Circumstances {
  /** Of the connection, which says more than "retries used up". */
  readonly lastError?: Error | undefined
  /** Whether the server may have done what was asked, although it gave no answer. */
  readonly writeWasSent: boolean
}

/** Whether there was no connection, so that a call that only reads can be made again. A server that is silent would be so again. */
export function isConnectionLoss(error: unknown): boolean {
  return error instanceof Error && !isReply(error) && !(error instanceof ShardexError) && error.message !== 'Command timed out'
}

function isReply(error: Error): boolean {
  return error.name === 'ReplyError'
}

/** The scripts answer refusals as JSON after a mark. */
function refusalOf(text: string): ShardexError | undefined {
  const refused = /SHARDEX-REFUSED (\[.*\])/s.exec(text)?.[1]
  if (refused !== undefined) {
    const [code, subject, ...facts] = JSON.parse(refused) as [string, string, ...unknown[]]
    switch (code) {
      case 'write.conflict':
        return conflict(subject, facts[0] as number, facts[1] as number)
      case 'entry.in_use':
        return entryInUse(subject, facts[0] as string[])
      case 'entry.not_found':
        return entryNotFound(subject)
      case 'label.not_found':
        return labelNotFound(subject, facts[0] as string)
      case 'ingest.busy':
        return ingestBusy(subject, facts[0] as number)
      case 'ingest.conflict':
        return ingestConflict(subject, facts[0] as IngestTerms, facts[1] as IngestTerms)
      case 'ingest.lost':
        return ingestLost(subject, facts[0] as string | undefined)
      case 'shard.not_found':
        return beingDeleted(subject)
      default:
        return nameNotFound(subject)
    }
  }
  const mistyped = /SHARDEX-TYPE (\[.*\])/s.exec(text)?.[1]
  if (mistyped === undefined) return undefined
  const [key = '', found = '', wanted = ''] = JSON.parse(mistyped) as string[]
  return corrupt(`key ${JSON.stringify(key)}`, `a ${found}`, `a ${wanted}`)
}

function replyFailure(error: Error, url: string, doing: string): unknown {
  const text = error.message
  if (/\b(NOAUTH|WRONGPASS|NOPERM)\b|AUTH failed|invalid username-password/i.test(text)) {
    const message = `Redis at ${url} refused: ${text}; check user, password and permissions (they need EVAL and the keys of the index)`
    return new ShardexError('credentials.refused', { url }, { message, cause: error })
  }
  if (/\bOOM\b/.test(text)) {
    const message = `Redis at ${url} has no memory left and wrote nothing; raise maxmemory`
    return new ShardexError('storage.full', { url }, { message, cause: error })
  }
  if (/\bREADONLY\b/.test(text)) return unavailable(url, 'it is a read-only replica; give the address of the primary', error)
  if (/\b(LOADING|BUSY|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|TRYAGAIN)\b/.test(text)) return unavailable(url, text, error)
  if (/WRONGTYPE|user_script|not an integer|not a valid float/.test(text)) {
    return corrupt(doing, text, 'what shardex or atdata stores there', error)
  }
  return unavailable(url, text, error)
}

function connectionFailure(reason: Error, cause: Error, url: string, writeWasSent: boolean): ShardexError {
  const code = 'code' in reason && typeof reason.code === 'string' ? reason.code : undefined
  const why = reason.message === '' ? (code ?? reason.name) : reason.message
  const refused = /\b(NOAUTH|WRONGPASS)\b/.test(why)
  if (refused) {
    return new ShardexError(
      'credentials.refused',
      { url },
      { message: `Redis at ${url} refused: ${why}; check user and password`, cause },
    )
  }
  const doubt = writeWasSent ? ' The write may or may not have happened: look before you repeat it' : ''
  // ioredis takes what it cannot parse for a fault of its own and asks for a report.
  const unknownAnswer = /^(Unknown RESP type|Protocol error)[^.]*/i.exec(why)?.[0]
  if (unknownAnswer !== undefined) {
    return unavailable(url, `what answers there is not Redis (${unknownAnswer}); check host and port.${doubt}`, cause)
  }
  return unavailable(url, `${why}. Is Redis running there?${doubt}`, cause)
}
