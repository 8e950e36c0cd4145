import type { SessionInfo } from '@shardex/atproto-bridge'
import type { Command } from '../command.ts'
import { formatTable } from '../output/table.ts'

export const whoami: Command<readonly SessionInfo[]> = {
  summary: 'the accounts that are logged in',
  description:
    'Lists the sessions of this user on this machine. Asks no server, so one that was ended elsewhere is still listed.',
  positionals: [],
  options: {},
  examples: [['shardex whoami', 'all of them']],
  run: async (_, context) => (await context.sessions()).list(),
  human(sessions, { columns }) {
    if (sessions.length === 0) return 'nobody is logged in; `shardex login HANDLE` begins a session'
    return formatTable(
      [
        { title: 'HANDLE', flexible: true, precious: true },
        { title: 'DID' },
        { title: 'SERVER', flexible: true },
        { title: 'BY' },
      ],
      sessions.map(({ handle, did, pds, kind }) => [handle, did, pds, kind]),
      columns,
    )
  },
}
