import { basename, join } from 'node:path'
import { lookAt } from '../look-at.ts'
import { addMember } from '../readers/tar-member.ts'
import type { ReadOptions, Row, RowReader } from '../row-reader.ts'
import { keyOfPath } from '../sample-key.ts'
import { assertUniqueKeys } from './assert-unique-keys.ts'
import type { FolderListing } from './list-files.ts'
import { checkMedium, isMedium } from './media.ts'
import { readWhole } from './read-whole.ts'

/**
 * A folder whose files belong together by their names, as images with captions and an unpacked WebDataset do (`00000.jpg`, `00000.json`),
 * as rows: each extension becomes a field, as in a tar. `undefined` if most files stand alone, or if some share a name by chance: two
 * images are no sample.
 * @throws {ShardexError} `key.duplicate`; `source.invalid` for images and sounds that are none
 */
export async function openGroups(root: string, { files, skipped }: FolderListing): Promise<RowReader | undefined> {
  const groups = groupByStem(files)
  const shared = groups.filter((group) => group.length > 1)
  if (shared.length * 2 <= groups.length || shared.some(isChance)) return undefined
  const extensions = new Set(shared.flat().map(extensionOf))
  // An image without caption is a sample; a README beside them is none.
  const samples = groups.filter((group) => group.some((file) => extensions.has(extensionOf(file))))
  const members = samples.flat()
  const keyed = samples.map((group) => ({ files: group, file: group[0] as string, key: keyOfPath(group[0] as string) }))
  assertUniqueKeys(root, keyed)
  for (const medium of MEDIA) {
    const media = members.filter((file) => isMedium(file, medium))
    await checkMedium(root, media, medium)
  }
  const left = [...skipped].flatMap(([reason, count]) => Array.from({ length: count }, () => reason))
  const strays = Array.from({ length: files.length - members.length }, () => 'files that share no name with others')
  return {
    source: root,
    noun: `samples in ${basename(root)}, each of the files that share a name`,
    sizeBytes: await sizeOf(root, members),
    textCells: false,
    read: (options) => readGroups(root, keyed, [...left, ...strays], options),
  }
}

const MEDIA = ['image', 'audio'] as const

interface Keyed {
  readonly files: readonly string[]
  readonly key: string
}

async function* readGroups(
  root: string,
  groups: readonly Keyed[],
  skipped: readonly string[],
  options: ReadOptions | undefined,
): AsyncGenerator<Row> {
  for (const reason of skipped) options?.onSkip?.(reason)
  for (const { files, key } of groups) {
    const row: Record<string, unknown> = { __key__: key }
    for (const file of files) {
      const bytes = await readWhole(join(root, file), options?.signal)
      options?.onBytes?.(bytes.length)
      addMember(root, row, { key, extension: extensionOf(file) }, bytes)
    }
    yield row
  }
}

function groupByStem(files: readonly string[]): string[][] {
  const groups = Map.groupBy(files, stemOf)
  return [...groups.values()]
}

function isChance(group: readonly string[]): boolean {
  return (
    MEDIA.some((medium) => group.filter((file) => isMedium(file, medium)).length > 1) ||
    new Set(group.map(extensionOf)).size < group.length ||
    group.some((file) => extensionOf(file) === '')
  )
}

function stemOf(file: string): string {
  return file.replace(EXTENSION, '')
}

function extensionOf(file: string): string {
  return (EXTENSION.exec(file)?.[0].slice(1) ?? '').toLowerCase()
}

const EXTENSION = /(?<=[^/])\.[^./]*$/

async function sizeOf(root: string, files: readonly string[]): Promise<number> {
  let bytes = 0
  for (const file of files) bytes += (await lookAt(join(root, file))).size
  return bytes
}
