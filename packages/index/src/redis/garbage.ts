import type { GarbageMarks } from '../garbage-marks.ts'
import type { GarbageMark } from '../ingest.ts'
import { cutPage, type Page, type PageOptions, pageLimit } from '../paging.ts'
import type { CallOptions } from '../provider.ts'
import { cutMarkCursor, markCursor, toMark } from '../stored-ingest.ts'
import type { RedisConnection, Reply } from './connection.ts'
import { toArray, toNumber, toText } from './replies.ts'

/** Each method is one script, and one round trip. */
export class RedisGarbage implements GarbageMarks {
  readonly #redis: RedisConnection

  constructor(redis: RedisConnection) {
    this.#redis = redis
  }

  async mark(urls: readonly string[], options?: CallOptions): Promise<number> {
    return toNumber(await this.#redis.write('mark-garbage', urls, options))
  }

  async list(olderThanMs: number, options?: PageOptions): Promise<Page<GarbageMark>> {
    const limit = pageLimit(options)
    const { afterMs, afterUrl } = cutMarkCursor(options?.cursor)
    const min = options?.cursor === undefined ? '-' : `(${String(afterMs).padStart(15, '0')}${afterUrl}`
    return cutPage(marksOf(await this.#redis.read('list-garbage', [min, olderThanMs, limit + 1], options)), limit, markCursor)
  }

  async claim(marks: readonly GarbageMark[], options?: CallOptions): Promise<readonly GarbageMark[]> {
    return marksOf(await this.#redis.write('claim-garbage', marks.flatMap(seen), options))
  }

  async unmark(marks: readonly GarbageMark[], options?: CallOptions): Promise<number> {
    return toNumber(await this.#redis.write('unmark-garbage', marks.flatMap(seen), options))
  }
}

function seen({ url, state, markedAtMs }: GarbageMark): [string, string, number] {
  return [url, state, markedAtMs]
}

/** Pairs of a URL and its mark, `state at_ms`. */
function marksOf(reply: Reply): GarbageMark[] {
  const items = toArray(reply)
  return Array.from({ length: items.length / 2 }, (_, i) => {
    const [state = '', atMs = ''] = toText(items[2 * i + 1]).split(' ')
    return toMark(toText(items[2 * i]), state, toNumber(Buffer.from(atMs)))
  })
}
