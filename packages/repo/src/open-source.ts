import type { Entry } from '@shardex/index'
import type { SampleType } from '@shardex/schema'
import { openStorage } from '@shardex/storage'
import type { DatasetOptions, Samples, ShardsFrom } from './dataset.ts'
import type { Members } from './members/define-members.ts'
import { MembersSource } from './members/members-source.ts'
import { type DatasetSource, type Decoder, IterableSource, ShardsSource } from './read/dataset-source.ts'

/** How a dataset is told to make samples. */
type Maker = SampleType | Decoder<object> | Members

/** What a dataset reads: shards of packed samples, tars of members, or samples as they are. */
export function openSource(make: Maker, from: ShardsFrom | Samples<object>, options: DatasetOptions): DatasetSource<object> {
  if (!isShardsFrom(from)) {
    if (isMembers(make)) throw new TypeError('members are read from tars: give their URLs')
    return new IterableSource<object>(from)
  }
  const { storage = openStorage(), verify = 'crc32', onCorrupt = 'error', onDamage } = options
  const shards = typeof from === 'string' ? [from] : from
  const settings = { storage, verify, onCorrupt, onDamage }
  return isMembers(make) ? new MembersSource(make, shards, settings) : new ShardsSource(make as Decoder<object>, shards, settings)
}

export function typeOfSamples(make: Maker): SampleType | undefined {
  if (isMembers(make)) return make.type
  return 'fields' in make ? make : undefined
}

export function isEntry(from: object | string): from is Entry {
  return typeof from === 'object' && 'dataUrls' in from && 'cid' in from
}

function isMembers(make: Maker): make is Members {
  return 'decode' in make && 'type' in make
}

function isShardsFrom(from: ShardsFrom | Samples<object>): from is ShardsFrom {
  return (
    typeof from === 'string' ||
    isEntry(from) ||
    (Array.isArray(from) && from.length > 0 && from.every((url) => typeof url === 'string'))
  )
}
