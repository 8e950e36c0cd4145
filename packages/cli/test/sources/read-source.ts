import { describeFields } from '@shardex/schema'
import { expect } from 'vitest'
import { openSource } from '../../src/sources/open-source.ts'
import type { SampleSource, SourceOptions, SourceSample } from '../../src/sources/source.ts'

/** Everything of a source; every sample is packed with the inferred type and has to come back as it was. */
export async function readSource(
  path: string,
  options?: SourceOptions,
): Promise<SampleSource & { all: SourceSample[]; fields: string[] }> {
  const source = await openSource(path, options)
  const all: SourceSample[] = []
  for await (const sample of source.samples) {
    const { __key__: _key, ...fields } = sample
    expect(plain(source.type.unpack(source.type.pack(sample)))).toEqual(plain(fields))
    all.push(sample)
  }
  expect(all.length).toBe(source.sampleCount)
  return { ...source, all, fields: describeFields(source.type) }
}

/** The samples of a source that is open already. */
export async function collect(source: SampleSource): Promise<SourceSample[]> {
  const all: SourceSample[] = []
  for await (const sample of source.samples) all.push(sample)
  return all
}

/** The error that opening or reading a path ends with. */
export async function failureOf(path: string, options?: SourceOptions): Promise<unknown> {
  return await readSource(path, options).then(
    () => expect.unreachable('the source was read without an error'),
    (error: unknown) => error,
  )
}

/** Buffers and typed views of the same bytes are equal here. */
function plain(fields: object): unknown {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value]),
  )
}
