import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A Lua script of `packages/index/lua`, ready to be called by its digest. */
export interface Script {
  readonly name: ScriptName
  readonly lua: string
  readonly sha1: string
}

export type ScriptName =
  | 'abandon-ingest'
  | 'adopt-entries'
  | 'adopt-labels'
  | 'adopt-lenses'
  | 'adopt-name'
  | 'begin-ingest'
  | 'claim-garbage'
  | 'commit'
  | 'delete-entry'
  | 'delete-label'
  | 'delete-name'
  | 'find-at'
  | 'find-by-cid'
  | 'find-by-name'
  | 'find-head'
  | 'find-ingest'
  | 'find-label'
  | 'forget-ingest'
  | 'index-schema'
  | 'lens-versions'
  | 'list-entries'
  | 'list-garbage'
  | 'list-history'
  | 'list-ingest-shards'
  | 'list-ingests'
  | 'list-labels'
  | 'list-lenses'
  | 'list-names'
  | 'list-schemas'
  | 'mark-garbage'
  | 'move-name'
  | 'names-of'
  | 'note-shard'
  | 'open-ingests'
  | 'put-label'
  | 'put-lens'
  | 'put-schema'
  | 'registry-id'
  | 'release-ingest'
  | 'rename'
  | 'renew-ingest'
  | 'schema-state'
  | 'unmark-garbage'

const loaded = new Map<ScriptName, Script>()

export function loadScript(name: ScriptName): Script {
  const known = loaded.get(name)
  if (known) return known
  const lua = ['sha256', 'record', 'prelude', 'marks', 'journal', name].map(read).join('\n')
  const script = { name, lua, sha1: createHash('sha1').update(lua).digest('hex') }
  loaded.set(name, script)
  return script
}

function read(name: string): string {
  return readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8')
}
