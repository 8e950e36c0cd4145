import { fileURLToPath } from 'node:url'
import { run, type TempDir } from '../services/index.ts'

const CLI = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url))

/** What the home of a folder holds, as files in another. */
export async function exportTo(dir: TempDir, folder: string, ...options: string[]): Promise<void> {
  const shardex = ['--conditions=@shardex/source', CLI, 'export-index', dir.file(folder), '--copy', ...options]
  await run(process.execPath, shardex, { SHARDEX_HOME: dir.file('home') })
}
