import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Entry } from '@shardex/index'
import { serveDirectory } from '@shardex/storage/testing'
import { tempDir } from '../../../test/services/index.ts'
import { Dataset, decodeOffsetIndex } from '../src/index.ts'
import { Tiny, tinies } from './images.ts'
import type { Setting } from './settings.ts'

/** A place for copies of shards. */
export interface Mirror extends AsyncDisposable {
  /** As an entry lists it. */
  readonly url: string
  write(fileName: string, bytes: Uint8Array): Promise<void>
}

/** A directory behind a web server. */
export async function httpMirror(): Promise<Mirror> {
  const dir = await tempDir('mirror')
  const server = await serveDirectory(dir.path)
  return {
    url: server.url,
    write: (name, bytes) => writeFile(dir.file(name), bytes),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await dir[Symbol.asyncDispose]()
    },
  }
}

/** Beside the shards, in the same store. */
export function mirrorInStore({ root, overwrite }: Setting): Mirror {
  const url = `${root}mirror/`
  return { url, write: (name, bytes) => overwrite(url + name, bytes), async [Symbol.asyncDispose]() {} }
}

/** 30 samples in three shards, with copies of all of them in the mirrors. */
export async function insertMirrored(setting: Setting, mirrors: readonly Mirror[], name = 'mirrored'): Promise<Entry> {
  const metadata = { mirrors: mirrors.map(({ url }) => url) }
  const [entry] = await setting.repo.insert(Dataset.from(Tiny, tinies(30)), name, { maxcount: 10, metadata })
  for (const { url } of entry.shards ?? []) {
    for (const object of [url, `${url}.idx`]) {
      const bytes = await setting.read(object)
      for (const mirror of mirrors) await mirror.write(basename(object), bytes)
    }
  }
  return entry
}

/** The bytes of a shard with a bit turned in the payload of each of these samples, counted within the shard. */
export async function flipped(setting: Setting, url: string, ...samples: number[]): Promise<Buffer> {
  const tar = await setting.read(url)
  const { offsets } = decodeOffsetIndex(await setting.read(`${url}.idx`), 'index')
  for (const sample of samples) tar[offsets[sample]! + 4]! ^= 0x10
  return tar
}
