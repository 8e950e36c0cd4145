import { expect, test } from 'vitest'
import { configFolder } from '../../src/session/config-folder.ts'

test.each([
  ['linux', { HOME: '/home/me' }, '/home/me/.config/shardex'],
  ['linux', { HOME: '/home/me', XDG_CONFIG_HOME: '/elsewhere' }, '/elsewhere/shardex'],
  ['linux', { HOME: '/home/me', XDG_CONFIG_HOME: 'relative' }, '/home/me/.config/shardex'],
  ['darwin', { HOME: '/Users/me' }, '/Users/me/Library/Application Support/shardex'],
  ['darwin', { HOME: '/Users/me', XDG_CONFIG_HOME: '/elsewhere' }, '/elsewhere/shardex'],
] as const)('on %s with %o, sessions are below %s', (platform, env, folder) => {
  expect(configFolder(env, platform)).toBe(folder)
})

test('on Windows they are in APPDATA', () => {
  expect(configFolder({ APPDATA: 'C:\\Users\\me\\AppData\\Roaming' }, 'win32')).toMatch(
    /^C:\\Users\\me\\AppData\\Roaming.shardex$/,
  )
})
