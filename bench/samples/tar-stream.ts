import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { extract, pack } from 'tar-stream'
import type { Task } from '../measure/measure.ts'
import { SHAPES, type Shape } from './shapes.ts'
import type { ReadArgs, WriteArgs } from './tasks.ts'

/** The tar package that everybody uses on Node, with our packing and unpacking of samples around it. It hashes nothing. */

const BUFFER = { highWaterMark: 1 << 20 }

export const write: Task<WriteArgs> = async ({ shape, count, dir }) => {
  const warmUp = join(dir, 'warm-up.tar')
  await writeTar(warmUp, SHAPES[shape], Math.ceil(count / 20))
  await rm(warmUp)
  return async () => {
    await writeTar(join(dir, 'data.tar'), SHAPES[shape], count)
  }
}

export const read: Task<ReadArgs> = async ({ shape, count, dir }) => {
  const path = join(dir, 'data.tar')
  await readTar(path, SHAPES[shape], Math.ceil(count / 20))
  return async () => {
    const seen = await readTar(path, SHAPES[shape], count)
    if (seen !== count) throw new Error(`read ${seen} samples of ${count}`)
  }
}

async function writeTar(path: string, { type, samples }: Shape, count: number): Promise<void> {
  const tar = pack()
  const written = pipeline(tar, createWriteStream(path, BUFFER))
  let position = 0
  for (const sample of samples(count)) {
    const name = `${String(position++).padStart(9, '0')}.msgpack`
    const payload = Buffer.from(type.pack(sample))
    await new Promise<void>((resolve, reject) => {
      tar.entry({ name, mtime: new Date(0) }, payload, (error) => (error ? reject(error) : resolve()))
    })
  }
  tar.finalize()
  await written
}

async function readTar(path: string, { type }: Shape, atMost: number): Promise<number> {
  const members = extract()
  const file = createReadStream(path, BUFFER).pipe(members)
  let seen = 0
  for await (const member of file) {
    const parts: Buffer[] = []
    for await (const part of member) parts.push(part as Buffer)
    type.unpack(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
    seen += 1
    if (seen === atMost) break
  }
  return seen
}
