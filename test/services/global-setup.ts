import type { TestProject } from 'vitest/node'
import { openServices } from './open-services.ts'
import { installPds } from './pds/install.ts'
import './provided.ts'

/** Brings up the services of a test run, says which ones serve it, and returns what takes them down again. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (needsNone(process.argv.slice(2))) process.env['SHARDEX_TEST_SERVICES'] = 'none'
  // The largest of what is fetched once: it comes while others are tested. Whoever needs it waits for it, and says so if it failed.
  if (!process.env['SHARDEX_TEST_SERVICES']) installPds().catch(() => undefined)
  const services = await openServices()
  project.provide('redis', services.redis)
  project.provide('s3', services.s3)
  return async () => services[Symbol.asyncDispose]()
}

/** Whoever asks for tests of packages that talk to nobody shall not wait for servers. */
function needsNone(args: readonly string[]): boolean {
  const files = args.filter((arg) => arg.includes('/') && !arg.startsWith('-'))
  return files.length > 0 && files.every((file) => /(^|\/)packages\/(errors|schema)(\/|$)/.test(file))
}
