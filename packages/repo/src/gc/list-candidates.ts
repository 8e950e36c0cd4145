import { isShardexError, ShardexError } from '@shardex/errors'
import type { Ingest } from '@shardex/index'
import type { ObjectStore } from '@shardex/storage'
import { type Base, baseOfUrl, isOwnBase } from './own-object.ts'
import type { Run } from './run.ts'

/** A writer that is alive may be idle for so long, in the middle of an upload as well as between two signs of life. */
const LONGEST_UPLOAD_MS = 86_400_000
const LONGEST_SILENCE_MS = 60_000

/** Look through the journals, give up what nobody will continue, and list what lies below those that need nothing any more. */
export async function listCandidates(run: Run): Promise<void> {
  const { index, survey, tally, signal } = run
  const registryId = await index.registryId({ signal })
  for await (const ingest of index.ingests.list({ signal })) {
    const life = await lifeOf(ingest, run)
    if (life === 'busy') run.oldestOpenMs = Math.min(run.oldestOpenMs, ingest.beganAtMs)
    if (isOwnBase({ url: ingest.base, layout: ingest.layout }, registryId)) survey.addIngest(ingest, life)
    else if (life === 'dead') tally.fail(ingest.base, foreignBase(ingest))
  }
  for (const base of survey.bases()) {
    try {
      await listBase(base, run)
    } catch (error) {
      signal?.throwIfAborted()
      if (!isShardexError(error)) throw error
      survey.failBase(base.url)
      tally.fail(base.url, error)
    }
  }
  if (!run.dryRun) await sweepEnded(run)
}

/** What inserts that have ended began to store and did not finish: an answer may be lost on its way to a writer that never hears of it. */
async function sweepEnded(run: Run): Promise<void> {
  const { survey, tally, graceMs, signal } = run
  for (const folder of survey.folders()) {
    try {
      const { store, prefix } = await locateBase(folder, run)
      const only = (key: string): boolean => survey.hasEnded(baseOfUrl(store.rootUrl + key)?.url ?? '')
      tally.swept += await store.sweep(prefix, { olderThanMs: graceMs, only, signal })
    } catch (error) {
      signal?.throwIfAborted()
      if (!isShardexError(error)) throw error
      tally.fail(folder, error)
    }
  }
}

async function lifeOf(ingest: Ingest, run: Run): Promise<'busy' | 'alive' | 'dead'> {
  if (ingest.state === 'open') return (await giveUp(ingest, run)) ? 'dead' : 'busy'
  if (ingest.cid === undefined) return 'dead'
  return (await run.index.getEntry(ingest.cid, { signal: run.signal })) === undefined ? 'dead' : 'alive'
}

/** @returns whether it is given up now, or in a dry run would be */
async function giveUp({ id, resumable, untilMs }: Ingest, run: Run): Promise<boolean> {
  const idleMs = resumable ? run.resumableMs : Math.min(run.graceMs, LONGEST_SILENCE_MS)
  // The registry decides by its own clock; a dry run can only guess by ours.
  const isDead = run.dryRun
    ? untilMs + idleMs <= Date.now()
    : await run.index.ingests.abandon(id, { idleMs }, { signal: run.signal })
  if (isDead) run.tally.givenUp++
  return isDead
}

async function listBase({ busy, ...base }: Base & { readonly busy: boolean }, run: Run): Promise<void> {
  const { survey, tally, signal } = run
  const { store, prefix } = await locateBase(base.url, run)
  let cursor: string | undefined
  do {
    const page = await store.list(prefix, { cursor, signal })
    for (const { key, sizeBytes } of page.objects) {
      const url = store.urlOf(key)
      // Others may lie there too.
      if (baseOfUrl(url)?.url !== base.url) continue
      survey.addObject(url, base.url, sizeBytes)
      tally.see(sizeBytes)
    }
    run.progress('listing', survey.objectCount)
    cursor = page.cursor
  } while (cursor !== undefined)
  if (run.dryRun || base.layout === 'sequence') return
  // Where nobody was writing when this run began, only what is older than the run itself is left over: by the clock of the store.
  const leastMs = busy ? LONGEST_UPLOAD_MS : Date.now() - run.beganAtMs + run.uploadMs
  tally.swept += await store.sweep(prefix, { olderThanMs: Math.max(run.graceMs, leastMs), signal })
}

async function locateBase(url: string, { storage }: Run): Promise<{ store: ObjectStore; prefix: string }> {
  // A prefix is no key: it may end with a slash.
  const { store, key } = await storage.locate(`${url}x`)
  if (store.urlOf(key) !== `${url}x`) throw unusual(url, store.urlOf(key).slice(0, -1))
  return { store, prefix: key.slice(0, -1) }
}

function foreignBase({ id, base, layout }: Ingest): ShardexError {
  const wanted = layout === 'sequence' ? '…/data--{a UUID of this registry}--' : '…/content/{id of this registry}/'
  const message = `the journal of the ingest ${JSON.stringify(id)} names ${base}, where shardex writes nothing (wanted ${wanted}): nothing there was looked at. Somebody else wrote this journal.`
  return new ShardexError('index.corrupt', { where: `the ingest ${JSON.stringify(id)}`, found: base, wanted }, { message })
}

function unusual(url: string, wanted: string): ShardexError {
  return new ShardexError('url.invalid', { url, found: url, wanted }, { message: `${url} is not how ${wanted} is spelled here` })
}
