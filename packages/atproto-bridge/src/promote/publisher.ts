import type { Agent } from '@atproto/api'

/** An agent with a session: any of `@atproto/api`, as far as publishing needs it (the types of the others are not exact about what is optional). */
export interface Publisher extends Pick<Agent, 'com' | 'assertDid'> {
  readonly did?: string | undefined
  readonly sessionManager: object
}
