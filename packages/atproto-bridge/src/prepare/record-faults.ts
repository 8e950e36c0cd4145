import { recordToJson } from '../record-json.ts'
import type { DatasetRecord } from '../records.ts'
import { faultOfRecord } from '../validate-record.ts'
import { faultsOfData } from './data-model.ts'
import type { Problem, ProblemCode } from './problem.ts'

/** What a PDS takes in one request of JSON, with room for what is around the records. */
const MAX_RECORDS_BYTES = 900_000

/** After these nothing can be written, so there is nothing to measure. */
const NO_DATA: ReadonlySet<ProblemCode> = new Set(['number.float', 'value.unsupported', 'record.too_large'])

interface Drafted {
  readonly record: DatasetRecord
}

/** Adds what data model, lexicons and size have against records. @param problems what was found before, of which the lexicons would say less */
export function addRecordFaults(drafts: Readonly<Record<string, Drafted>>, problems: Problem[]): void {
  for (const [part, { record }] of Object.entries(drafts)) problems.push(...faultsOfData(record, part))
  const isJson = problems.every(({ code }) => !NO_DATA.has(code))
  for (const [part, { record }] of Object.entries(drafts)) {
    const fault = lexiconFault(part, record)
    if (fault !== undefined && !problems.some(({ path }) => fault.path.startsWith(path))) problems.push(fault)
  }
  const tooLarge = isJson ? sizeFault(Object.values(drafts)) : undefined
  if (tooLarge !== undefined) problems.push(tooLarge)
}

function lexiconFault(part: string, record: DatasetRecord): Problem | undefined {
  const found = faultOfRecord(record)
  if (found === undefined) return undefined
  // `Record/tags/3 must not …`
  const [where = '', ...steps] = (found.split(' ')[0] ?? '').split('/')
  const path = where === 'Record' ? part + steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('') : part
  const advice = 'change what was given, or what the registry has'
  return { code: 'record.invalid', path, found, wanted: `a record of ${record.$type}`, advice }
}

function sizeFault(drafts: readonly Drafted[]): Problem | undefined {
  const sizeBytes = Buffer.byteLength(JSON.stringify(drafts.map(({ record }) => recordToJson(record))))
  if (sizeBytes <= MAX_RECORDS_BYTES) return undefined
  return {
    code: 'record.too_large',
    path: 'entry',
    found: `records of ${sizeBytes} bytes`,
    wanted: `at most ${MAX_RECORDS_BYTES}`,
    advice: 'insert the samples again with larger shards, or publish the dataset in parts',
  }
}
