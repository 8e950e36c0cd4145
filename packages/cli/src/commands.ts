import type { Command } from './command.ts'

/** Every command, with its summary for the overview; the rest of it is loaded when it is asked for. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  insert: entry(
    'put a folder or file of samples into the store, under a name',
    async () => (await import('./commands/insert.ts')).insert,
  ),
  ls: entry('list datasets', async () => (await import('./commands/ls.ts')).ls),
  show: entry('everything about one dataset', async () => (await import('./commands/show.ts')).show),
  head: entry('the first samples of a dataset', async () => (await import('./commands/head.ts')).head),
  query: entry('the samples of a dataset that match', async () => (await import('./commands/query.ts')).query),
  manifest: entry(
    'write what the shards hold beside them, for query',
    async () => (await import('./commands/manifest.ts')).manifest,
  ),
  verify: entry(
    'hold shards against the registry, and restore them from mirrors',
    async () => (await import('./commands/verify.ts')).verify,
  ),
  history: entry('where a name pointed, from the oldest step', async () => (await import('./commands/history.ts')).history),
  label: entry('mark an entry with a version of a name', async () => (await import('./commands/label.ts')).label),
  rename: entry('give a dataset another name', async () => (await import('./commands/rename.ts')).rename),
  rm: entry('remove a name, and with --purge what it points to', async () => (await import('./commands/rm.ts')).rm),
  'export-index': entry(
    'write the registry as files that any web server can serve',
    async () => (await import('./commands/export-index.ts')).exportIndex,
  ),
  gc: entry('delete what inserts have left behind and nothing needs', async () => (await import('./commands/gc.ts')).gc),
  'schema publish': entry(
    'publish a schema from a file',
    async () => (await import('./commands/schema-publish.ts')).schemaPublish,
  ),
  'schema show': entry('the fields of a schema', async () => (await import('./commands/schema-show.ts')).schemaShow),
  'schema ls': entry('list schemas', async () => (await import('./commands/schema-ls.ts')).schemaLs),
  'schema codegen': entry('a schema as TypeScript', async () => (await import('./commands/schema-codegen.ts')).schemaCodegen),
  promote: entry(
    'publish a dataset with an account of the AT Protocol',
    async () => (await import('./commands/promote.ts')).promote,
  ),
  unpromote: entry('take back what promote has published', async () => (await import('./commands/unpromote.ts')).unpromote),
  login: entry('begin a session with an account of the AT Protocol', async () => (await import('./commands/login.ts')).login),
  logout: entry('end a session with an account', async () => (await import('./commands/logout.ts')).logout),
  whoami: entry('the accounts that are logged in', async () => (await import('./commands/whoami.ts')).whoami),
  doctor: entry('check registry, store and clock, and say what to do', async () => (await import('./commands/doctor.ts')).doctor),
}

export interface CommandEntry {
  readonly summary: string
  load(): Promise<Command<unknown>>
}

function entry(summary: string, load: () => Promise<Command<unknown>>): CommandEntry {
  return { summary, load }
}
