/** Decimal units, as disks and networks are sold and measured: 1 MB is 1,000,000 bytes. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // Below what would round up to 1000 of the unit.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(value >= 9.995 ? 1 : 2)} ${UNITS[unit]}`
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** `3,786`, the same in every locale. */
export function formatCount(count: number | bigint): string {
  return counting.format(count)
}

const counting = new Intl.NumberFormat('en-US')

/** `850 ms`, `12.3 s`, `4 m 05 s`, `2 h 30 m`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `just now`, `3 minutes ago`, `in 2 hours`, and after a month the date itself (UTC). */
export function formatRelative(atMs: number, nowMs: number): string {
  const seconds = Math.round((atMs - nowMs) / 1000)
  const distance = Math.abs(seconds)
  if (distance < 45) return 'just now'
  if (distance < 45 * 60) return relative.format(Math.round(seconds / 60), 'minute')
  if (distance < 22 * 3600) return relative.format(Math.round(seconds / 3600), 'hour')
  if (distance < 30 * 86_400) return relative.format(Math.round(seconds / 86_400), 'day')
  return new Date(atMs).toISOString().slice(0, 10)
}

const relative = new Intl.RelativeTimeFormat('en-US')

/** `now`, `7 min`, `3 h`, `12 d`, and after a month the date itself (UTC): for a column. */
export function formatAge(atMs: number, nowMs: number): string {
  const seconds = Math.abs(Math.round((atMs - nowMs) / 1000))
  if (seconds < 45) return 'now'
  if (seconds < 45 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 22 * 3600) return `${Math.round(seconds / 3600)} h`
  if (seconds < 30 * 86_400) return `${Math.round(seconds / 86_400)} d`
  return new Date(atMs).toISOString().slice(0, 10)
}

/** Enough of a CID to tell it from others at a glance: `bafyrei…k3q7xa`. Its start is the same for all of a kind. */
export function shortCid(cid: string): string {
  return cid.length <= 16 ? cid : `${cid.slice(0, 7)}…${cid.slice(-6)}`
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
