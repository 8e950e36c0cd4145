import { ShardexError } from '@shardex/errors'
import { collect } from './collect.ts'
import type { Context } from './context.ts'
import { suggest } from './suggest.ts'

type Registry = Pick<Context, 'index' | 'signal'>

const SHOWN_VERSIONS = 10

/** Why there is no such name, or no such version of it, and what may have been meant. */
export async function nameNotFound(target: string, registry: Registry, when = ''): Promise<ShardexError> {
  const at = target.lastIndexOf('@')
  const missing = at < 1 ? undefined : await versionNotFound(target.slice(0, at), target.slice(at + 1), registry)
  if (missing !== undefined) return missing
  const message = `there is no dataset ${JSON.stringify(target)}${when}; ${await adviceFor(target, registry)}`
  return new ShardexError('name.not_found', { name: target }, { message })
}

/** `undefined` if nothing is known of the name either. */
async function versionNotFound(name: string, version: string, { index, signal }: Registry): Promise<ShardexError | undefined> {
  const steps = await collect(index.history(name, { signal }))
  const labels = await collect(index.listLabels(name, { signal }))
  const versions = labels.map((label) => label.version).filter((known) => known !== '')
  if (steps.length === 0 && versions.length === 0) return undefined
  const message = `there is no version ${JSON.stringify(version)} of ${JSON.stringify(name)}; ${await advice()}`
  return new ShardexError('label.not_found', { name, version }, { message })

  async function advice(): Promise<string> {
    for (const { renamedFrom } of steps) {
      if (renamedFrom === undefined || (await index.getLabel(renamedFrom, version, { signal })) === undefined) continue
      return `it was renamed from ${renamedFrom}, where its versions stayed: ${renamedFrom}@${version}`
    }
    if (versions.length === 0) return `it has no versions yet. \`shardex label ${name} ${version}\` makes one`
    const more = versions.length - SHOWN_VERSIONS
    return `it has ${versions.slice(0, SHOWN_VERSIONS).join(', ')}${more > 0 ? ` and ${more} more: \`shardex show ${name}\` lists them` : ''}`
  }
}

async function adviceFor(name: string, { index, signal }: Registry): Promise<string> {
  const past = await collect(index.history(name, { signal }))
  const renamedTo = past.at(-1)?.renamedTo
  const history = `\`shardex history ${name}\` shows where it pointed`
  if (past.length > 0) return renamedTo === undefined ? history : `it was renamed to ${renamedTo}. ${history}`
  const { names } = await index.listNames({ limit: 1000, signal })
  if (names.length === 0) return 'this registry is empty. `shardex doctor` shows which one it is'
  const meant = suggest(
    name,
    names.map((known) => known.name),
  )
  return meant === undefined ? '`shardex ls` lists those that are there' : `did you mean ${JSON.stringify(meant)}?`
}
