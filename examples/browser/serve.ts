/**
 * What lies in `.shardex/`, in a browser: writes the registry and its shards as files, beside the page that reads them, and serves all of it by an
 * ordinary web server. After `npm run quickstart`: `npx node --conditions=@shardex/source examples/browser/serve.ts`
 */
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sirv from 'sirv'
import { buildPage } from './build-page.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
process.env['SHARDEX_HOME'] ??= at('../../.shardex')
const folder = join(process.env['SHARDEX_HOME'], 'public')

const shardex = ['--conditions=@shardex/source', at('../../packages/cli/src/bin.ts')]
const { status } = spawnSync(process.execPath, [...shardex, 'export-index', join(folder, 'index'), '--copy'], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
await buildPage(folder)
const server = createServer(sirv(folder, { dev: true }))
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}/`)
})
