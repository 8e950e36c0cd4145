/**
 * Datasets on the AT Protocol: published, found and read; `docs/atproto.md`. A door of its own, since who needs none of it shall not load it.
 *
 * ```ts
 * import { AtmosphereIndex } from 'shardex/atmosphere'
 *
 * await using atmosphere = new AtmosphereIndex()
 * for await (const sample of await atmosphere.open('alice.example.com/photos')) show(sample)
 * ```
 * @module
 */
export {
  type AtmosphereEntry,
  AtmosphereIndex,
  type AtmosphereOptions,
  type AtmosphereSchema,
  type Prepared,
  type PrepareOptions,
  type Problem,
  type Promoted,
  type PromoteOptions,
  prepare,
  promote,
  type Session,
  type SessionInfo,
  Sessions,
  type SessionsOptions,
  type Unpromoted,
  type UnpromoteOptions,
  unpromote,
} from '@shardex/atproto-bridge'
