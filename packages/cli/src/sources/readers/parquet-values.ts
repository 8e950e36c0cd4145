import type { ParquetParsers } from 'hyparquet'

/** Dates and times as ISO 8601 with every digit that the file has, JSON as it is spelled there. */
export const textParsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => isoText(millis, 3),
  timestampFromMicroseconds: (micros) => isoText(micros, 6),
  timestampFromNanoseconds: (nanos) => isoText(nanos, 9),
  dateFromDays: (days) => isoText(BigInt(days) * 86_400n, 0).slice(0, -'T00:00:00Z'.length),
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('utf8'),
}

/** @param ticks since 1970, 10^digits of them in a second */
function isoText(ticks: bigint | number, digits: number): string {
  const perSecond = 10n ** BigInt(digits)
  const whole = BigInt(ticks)
  const fraction = ((whole % perSecond) + perSecond) % perSecond
  const seconds = (whole - fraction) / perSecond
  const date = new Date(Number(seconds) * 1000)
  if (Number.isNaN(date.getTime())) return `${seconds} s since 1970`
  return `${date.toISOString().slice(0, -'.000Z'.length)}${digits === 0 ? '' : `.${String(fraction).padStart(digits, '0')}`}Z`
}
