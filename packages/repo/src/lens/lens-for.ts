import { ShardexError } from '@shardex/errors'
import { findLens, type Lens, type SampleType, schemaDigest, viewsOf } from '@shardex/schema'

/**
 * The lens by which samples of a type are seen as another one.
 * @throws `lens.not_found`; `lens.invalid` for one from another type; {TypeError} for samples without a type
 */
export function lensFor(type: SampleType | undefined, to: SampleType | Lens): Lens {
  if (type === undefined) throw new TypeError('a lens leads from one type to another: open the dataset with its sample type')
  if (!('get' in to)) return findLens(type, to) ?? notFound(type, to)
  if (schemaDigest(to.source) === schemaDigest(type)) return to
  const lens = `${to.source.name} → ${to.view.name}`
  const [found, wanted] = [`samples of the type ${type.name}`, `samples with the name and fields of ${to.source.name}`]
  throw new ShardexError(
    'lens.invalid',
    { lens, found, wanted },
    { message: `the lens ${lens}: found ${found}, wanted ${wanted}` },
  )
}

function notFound(source: SampleType, view: SampleType): never {
  const lens = `${source.name} → ${view.name}`
  const known = viewsOf(source).join(', ') || 'none'
  const message = `no lens leads from ${source.name} to ${view.name}, and it has not all of its fields. Define one with defineLens and give it to as(), or register it. Registered from ${source.name}: ${known}.`
  throw new ShardexError('lens.not_found', { lens }, { message })
}
