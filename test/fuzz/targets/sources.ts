import { deepStrictEqual } from 'node:assert'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileFormat } from '../../../packages/cli/src/sources/detect-format.ts'
import { openSource } from '../../../packages/cli/src/sources/open-source.ts'
import { CSV, JSON_ARRAYS, JSONL, PARQUET, TSV, webdatasetTars } from '../corpus/files.ts'
import { shardVectors } from '../corpus/vectors.ts'
import { mutateBytes } from '../mutate/bytes.ts'
import { mutateJson } from '../mutate/json.ts'
import { mutateTar } from '../mutate/tar.ts'
import { type Mutate, type Target, target } from '../target.ts'

/** JSON by its structure, or by its bytes. */
const mutateJsonBytes: Mutate<Uint8Array> = (random, input, corpus) => {
  if (random.oneIn(3)) return mutateBytes(random, input, corpus)
  const lines = Buffer.from(input).toString().split('\n')
  const at = random.below(lines.length)
  lines[at] = mutateJson(random, lines[at]!, ['{"a":1}', '[{"b":[1,2]}]'])
  return new TextEncoder().encode(lines.join('\n'))
}

export const sourceTargets: readonly Target[] = [
  source('csv', () => CSV, mutateBytes),
  source('tsv', () => TSV, mutateBytes),
  source('jsonl', () => JSONL, mutateJsonBytes),
  source('json', () => JSON_ARRAYS, mutateJsonBytes),
  source('parquet', () => PARQUET, mutateBytes),
  source('tar', async () => [...(await webdatasetTars()), ...shardVectors()], mutateTar),
]

/** Samples of a file: as many as announced, and every one packs with the inferred type and comes back. */
function source(
  format: FileFormat,
  corpus: () => Promise<readonly Uint8Array[]> | readonly Uint8Array[],
  mutate: Mutate<Uint8Array>,
): Target {
  return target<Uint8Array>({
    name: `source-${format}`,
    casesInCi: 100,
    corpus,
    mutate,
    async run(bytes, scratch) {
      const path = join(scratch, `input.${format}`)
      await writeFile(path, bytes)
      await using opened = await openSource(path, { format })
      let count = 0
      for await (const sample of opened.samples) {
        const packed = opened.type.pack(sample)
        deepStrictEqual(Buffer.from(opened.type.pack(opened.type.unpack(packed))), Buffer.from(packed))
        count += 1
      }
      deepStrictEqual(count, opened.sampleCount)
    },
  })
}
