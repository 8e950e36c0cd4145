import { AtpAgent } from '@atproto/api'
import type { OwnPds, PdsAccount } from '../../../../test/services/index.ts'

/** Whoever writes records into an account as another program would: not by way of what is tested. */
export interface Publisher {
  readonly did: string
  readonly agent: AtpAgent
  /** @returns its `at://` URI */
  put(record: Readonly<Record<string, unknown>> & { readonly $type: string }, rkey?: string): Promise<string>
}

export async function openPublisher(pds: OwnPds, { handle, password, did }: PdsAccount): Promise<Publisher> {
  const agent = new AtpAgent({ service: pds.url })
  await agent.login({ identifier: handle, password })
  return {
    did,
    agent,
    async put(record, rkey) {
      const { $type: collection } = record
      const { data } = await agent.com.atproto.repo.createRecord({
        repo: did,
        collection,
        record,
        validate: false,
        ...(rkey !== undefined && { rkey }),
      })
      return data.uri
    },
  }
}
