import type { TestProject } from 'vitest/node'
import { openServices } from './open-services.ts'
import './provided.ts'

/** Brings up the services of a test run, says which ones serve it, and returns what takes them down again. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = await openServices()
  project.provide('redis', services.redis)
  project.provide('s3', services.s3)
  return async () => services[Symbol.asyncDispose]()
}
