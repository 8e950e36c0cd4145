import { schemaDigest } from '../record/digest.ts'
import type { SampleType } from '../sample-type.ts'
import { defineLens, isPartOf, type Lens } from './define-lens.ts'

const known = new Map<string, Map<string, Lens>>()

/** Let `dataset.as(View)` find a lens by its two types, everywhere in this process. The one that was registered last for the same types counts. */
export function registerLens(lens: Lens): void {
  const from = schemaDigest(lens.source)
  const lenses = known.get(from) ?? new Map<string, Lens>()
  known.set(from, lenses)
  lenses.set(schemaDigest(lens.view), lens)
}

/** The lens that was registered for these types, or else one by name if the source has all fields of the view. */
export function findLens(source: SampleType, view: SampleType): Lens | undefined {
  const registered = known.get(schemaDigest(source))?.get(schemaDigest(view))
  if (registered !== undefined) return registered
  return isPartOf(view.fields, source.fields) ? defineLens(source, view) : undefined
}

/** The names of the types that samples of a type can be seen as by registered lenses. */
export function viewsOf(source: SampleType): readonly string[] {
  return [...(known.get(schemaDigest(source))?.values() ?? [])].map(({ view }) => view.name)
}
