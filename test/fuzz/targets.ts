import type { Target } from './target.ts'
import { atmosphereTargets } from './targets/atmosphere.ts'
import { brokenTargets } from './targets/broken.ts'
import { manifestTargets } from './targets/manifest.ts'
import { readingTargets } from './targets/reading.ts'
import { registryTargets } from './targets/registry.ts'
import { repoTargets } from './targets/repo.ts'
import { schemaTargets } from './targets/schema.ts'
import { sourceTargets } from './targets/sources.ts'
import { storageTargets } from './targets/storage.ts'

/** Every parser of outside bytes. */
export const TARGETS: readonly Target[] = [
  ...schemaTargets,
  ...storageTargets,
  ...repoTargets,
  ...manifestTargets,
  ...readingTargets,
  ...registryTargets,
  ...sourceTargets,
  ...atmosphereTargets,
]

/** @throws {TypeError} if there is none of that name */
export function targetNamed(name: string): Target {
  const found = [...TARGETS, ...brokenTargets].find((each) => each.name === name)
  if (found === undefined) throw new TypeError(`no target ${name}; there are ${TARGETS.map((each) => each.name).join(', ')}`)
  return found
}
