import { deepStrictEqual, ok } from 'node:assert'
import {
  array,
  bool,
  defineLens,
  defineSample,
  float,
  int,
  lensOfMapping,
  parseLensRecord,
  str,
  stringifyLens,
} from '@shardex/schema'
import { manifestColumns } from '../../../packages/repo/src/manifest/columns.ts'
import { decodeSamples } from '../../../packages/repo/src/manifest/decode-samples.ts'
import { decodeHeader, encodeHeader } from '../../../packages/repo/src/manifest/header.ts'
import { planQuery } from '../../../packages/repo/src/query/plan-query.ts'
import { judge } from '../../../packages/repo/src/query/prune.ts'
import { Everything, Small } from '../corpus/samples.ts'
import { atdataLenses, manifestHeaders, manifestSamples } from '../corpus/vectors.ts'
import { mutateBytes } from '../mutate/bytes.ts'
import { mutateJson } from '../mutate/json.ts'
import { type Target, target } from '../target.ts'

const M = defineSample('M', { label: str(), score: float(), n: int(), ok: bool(), tags: array(str()), opt: float().optional() })
const columns = manifestColumns(M)
const questions = [
  { label: { in: ['dog', '__proto__'] }, n: { gte: 3 }, tags: { has: 'a' } },
  { or: [{ n: { ne: 2n ** 60n } }, { not: { label: { lt: 'm' } } }, { ok: true, opt: { exists: true } }] },
].map((where) => planQuery(where, M))
const lens = defineLens(Everything, Small, { fields: { value: { field: 'count' }, name: { const: 'n' } } })
const recordOptions = { name: 'l', version: '1.0.0', createdAt: new Date(0), sourceRef: 'local://schemas/S@1.0.0', viewRef: 'v' }

export const manifestTargets: readonly Target[] = [
  target<string>({
    name: 'manifest-header',
    corpus: manifestHeaders,
    mutate: mutateJson,
    run(text) {
      const header = decodeHeader(new TextEncoder().encode(text), 'fuzz')
      deepStrictEqual(decodeHeader(encodeHeader(header), 'fuzz'), header)
      return questions.map((question) => judge(question, header))
    },
  }),
  target<Uint8Array>({
    name: 'manifest-samples',
    corpus: manifestSamples,
    mutate: mutateBytes,
    run: (bytes) => rowsOf(bytes, false),
  }),
  target<Uint8Array>({
    name: 'manifest-foreign',
    corpus: manifestSamples,
    mutate: mutateBytes,
    run: (bytes) => rowsOf(bytes, true),
  }),
  target<string>({
    name: 'lens-record',
    corpus: () => [stringifyLens(lens, recordOptions), ...atdataLenses()],
    mutate: mutateJson,
    run(text) {
      const record = parseLensRecord(text)
      if (record.mapping === undefined) return record
      const parsed = lensOfMapping(Everything, Small, record.mapping)
      deepStrictEqual(parseLensRecord(stringifyLens(parsed, recordOptions)).mapping, parsed.mapping)
      return record
    },
  }),
]

async function rowsOf(bytes: Uint8Array, foreign: boolean): Promise<unknown> {
  const rows = await decodeSamples(bytes, columns, 'fuzz', { foreign })
  return Array.from({ length: rows.length }, (_, number) => {
    const row = rows.row(number)
    ok(row.offset >= 0 && row.sizeBytes >= 0)
    return row
  })
}
