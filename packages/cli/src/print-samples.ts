import { describeValue } from './describe-value.ts'
import { fit } from './output/width.ts'
import { printFacts } from './print-facts.ts'

export type PrintedSample = Readonly<Record<string, unknown>> & { readonly __key__: string }

/** Samples for a person, with an empty line between them. */
export function printSamples(samples: readonly PrintedSample[], columns: number | undefined): string {
  return samples
    .flatMap(({ __key__, ...fields }, place) => [
      ...(place === 0 ? [] : ['']),
      ...printFacts([['key', __key__]]).split('\n'),
      ...printFacts(Object.entries(fields).map(([name, value]) => [`  ${name}`, describeValue(value)])).split('\n'),
    ])
    .map((line) => (columns === undefined ? line : fit(line, columns)))
    .join('\n')
}

/** Their key first. */
export function samplesJson(samples: readonly PrintedSample[]): unknown {
  return samples.map(({ __key__, ...fields }) => ({ __key__, ...fields }))
}
