import type { SessionInfo } from '@shardex/atproto-bridge'
import type { Command } from '../command.ts'
import { printFacts } from '../print-facts.ts'

export const logout: Command<SessionInfo> = {
  summary: 'end a session with an account',
  description: 'Ends it at the server of the account, if that can be reached, and forgets it here.',
  positionals: ['[handle|did]'],
  options: {},
  examples: [
    ['shardex logout', 'the only session that there is'],
    ['shardex logout alice.example.com', 'one of several'],
  ],
  run: async ({ positionals: [account] }, context) => (await context.sessions()).logout(account),
  human: ({ handle, did }) =>
    printFacts([
      ['logged out', handle],
      ['did', did],
    ]),
}
