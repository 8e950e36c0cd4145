import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Where this platform keeps what programs know of their user: `$XDG_CONFIG_HOME/shardex` or `~/.config/shardex`; on macOS
 * `~/Library/Application Support/shardex`; on Windows `%APPDATA%\shardex`.
 */
export function configFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const home = env['HOME'] || homedir()
  if (platform === 'win32') return join(env['APPDATA'] || join(home, 'AppData', 'Roaming'), 'shardex')
  // Who sets it means it, on every platform; it counts only if it is absolute.
  const xdg = env['XDG_CONFIG_HOME']
  if (xdg?.startsWith('/')) return join(xdg, 'shardex')
  return platform === 'darwin' ? join(home, 'Library', 'Application Support', 'shardex') : join(home, '.config', 'shardex')
}
