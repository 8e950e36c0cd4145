import { type Ending, startWriter, type Writer } from './start-writer.ts'
import type { Acknowledged, Job } from './writer.ts'

/** Stop a writer where it is for longer than its lease, let others do its work, and let it go on. */
export async function takeOver(writer: Writer, job: Job): Promise<Acknowledged> {
  writer.signal('SIGSTOP')
  const taking = insertElsewhere(job)
  // Stopped inside a transaction it holds the file of SQLite: then nobody can work until it goes on.
  const isSqlite = 'path' in job.address.registry
  await (isSqlite ? Promise.race([taking, new Promise((resume) => setTimeout(resume, 1_500))]) : taking)
  writer.signal('SIGCONT')
  return taking
}

export function acknowledged(ending: Ending): Acknowledged {
  if (ending !== 'killed' && 'entry' in ending) return ending.entry
  throw new Error(`the writer did not finish: ${JSON.stringify(ending)}`)
}

/** By one process after the other, until there is none left that may be at work. One that starves beside a stopped one loses the ingest itself. */
async function insertElsewhere(job: Job): Promise<Acknowledged> {
  for (let attempt = 1; ; attempt++) {
    using writer = await startWriter()
    const ending = await writer.insert(job)
    const code = ending !== 'killed' && 'error' in ending ? ending.error.code : undefined
    const isElsewhere = code === 'ingest.busy' || code === 'ingest.lost'
    if (attempt === 20 || !isElsewhere) return acknowledged(ending)
  }
}
