import type { SessionInfo } from '@shardex/atproto-bridge'
import type { Command } from '../command.ts'
import type { Context } from '../context.ts'
import { printFacts } from '../print-facts.ts'
import { usageError } from '../usage-error.ts'

export const login: Command<SessionInfo> = {
  summary: 'begin a session with an account of the AT Protocol',
  description: `Shows an address that you open in a browser, where you sign in at the server of the account and allow shardex to act for you. With --app-password-stdin
it needs no browser: app passwords are made in the settings of the account.

The session is kept for you alone: in $XDG_CONFIG_HOME/shardex or ~/.config/shardex, on macOS in ~/Library/Application Support/shardex, on Windows in %APPDATA%\\shardex.
Passwords are not kept, and tokens are never printed.`,
  positionals: ['<handle|did>'],
  options: {
    pds: { type: 'string', value: 'URL', help: 'the server of the account (default: the one that the account names)' },
    'app-password-stdin': { type: 'boolean', help: 'read an app password from stdin' },
  },
  examples: [
    ['shardex login alice.example.com', 'by the browser'],
    ['shardex login alice.example.com --app-password-stdin', 'with an app password, and without a browser'],
  ],
  async run(args, context) {
    const account = args.positionals[0] as string
    const pds = args.text('pds')
    const sessions = await context.sessions()
    const { signal } = context
    if (args.flag('app-password-stdin')) return sessions.login(account, { appPassword: await readSecret(context), pds, signal })
    if (pds !== undefined)
      throw usageError(
        '--pds',
        'a login by the browser',
        '--app-password-stdin beside it; the browser goes to the server that the account names',
      )
    return sessions.loginByBrowser({
      account,
      signal,
      onUrl: (url) => context.ask(`Open this address in a browser of this machine, and come back here:\n\n  ${url}\n`),
    })
  },
  human: ({ handle, did, pds, kind }) =>
    printFacts([
      ['logged in', handle],
      ['did', did],
      ['server', pds],
      ['by', kind === 'oauth' ? 'the browser' : 'app password'],
    ]),
}

const MAX_SECRET = 1000

/** One line. */
async function readSecret({ input, signal }: Context): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    signal.throwIfAborted()
    text += String(chunk)
    if (text.length > MAX_SECRET)
      throw usageError('--app-password-stdin', `more than ${MAX_SECRET} characters`, 'one line with an app password')
  }
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '' || /[\r\n]/.test(secret))
    throw usageError('--app-password-stdin', secret === '' ? 'nothing' : 'several lines', 'one line with an app password')
  return secret
}
