import { printable } from './output/printable.ts'
import { formatBytes, formatCount, formatDuration } from './output/units.ts'
import { displayWidth, fit } from './output/width.ts'

/** What a progress line is written to: `process.stderr`, or any stream that says whether it is a terminal. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

export interface ProgressOptions {
  /** Default `process.stderr`, so that a result on stdout stays clean. */
  readonly stream?: ProgressStream | undefined
  /** In units; without it there is no bar and no time left. */
  readonly total?: number | undefined
  /** `samples`, `rows`; `bytes` is shown as kB, MB and so on. */
  readonly unit: string
  readonly label: string
  /** Default: whether the environment variable NO_COLOR is empty. */
  readonly colour?: boolean | undefined
  /** Milliseconds of a clock that never goes back. */
  readonly now?: (() => number) | undefined
}

/** One line that says how far something is. Disposing it takes the line away, so that an error message starts on a clean one. */
export interface Progress extends Disposable {
  /** Cheap enough to call for every sample: the line is drawn at most ten times a second. */
  update(done: number, extra?: ProgressExtra): void
  /** Leaves the line with the final figures and ends it. */
  finish(): void
}

export interface ProgressExtra {
  /** Shown beside the count. */
  readonly bytes?: number | undefined
  /** Shown at the end: the shard or file that is being worked on. */
  readonly text?: string | undefined
}

const REDRAW_MS = 100
const BAR_WIDTH = 24
/** A shorter one says nothing. */
const LEAST_BAR_WIDTH = 6
const CLEAR_LINE = '\r\x1b[2K'

/** Starts a progress line. Not on a terminal, everything here is silent. */
export function openProgress(options: ProgressOptions): Progress {
  const { stream = process.stderr, now = () => performance.now() } = options
  if (stream.isTTY !== true) return { update() {}, finish() {}, [Symbol.dispose]() {} }
  const colour = options.colour ?? !process.env['NO_COLOR']
  const startedAtMs = now()
  let drawnAtMs = Number.NEGATIVE_INFINITY
  let latest: { done: number; extra: ProgressExtra } | undefined
  let shown = false
  const draw = (atMs: number, line: string): void => {
    stream.write(`${CLEAR_LINE}${line}`)
    drawnAtMs = atMs
    shown = true
  }
  return {
    update(done, extra = {}) {
      latest = { done, extra }
      const atMs = now()
      if (atMs - drawnAtMs >= REDRAW_MS) draw(atMs, progressLine(options, latest, atMs - startedAtMs, width(stream), colour))
    },
    finish() {
      if (latest === undefined) return
      const atMs = now()
      const ended = { done: latest.done, extra: { bytes: latest.extra.bytes } }
      draw(atMs, `${progressLine({ ...options, total: undefined }, ended, atMs - startedAtMs, width(stream), false)}\n`)
      shown = false
      latest = undefined
    },
    [Symbol.dispose]() {
      if (shown) stream.write(CLEAR_LINE)
      shown = false
      latest = undefined
    },
  }
}

/** A terminal wraps when the last column is filled, and a wrapped line cannot be redrawn. */
function width(stream: ProgressStream): number {
  // A terminal that nobody has given a size says 0.
  return Math.max(20, (stream.columns || 80) - 1)
}

function progressLine(
  { label, unit, total }: ProgressOptions,
  { done, extra }: { done: number; extra: ProgressExtra },
  elapsedMs: number,
  columns: number,
  colour: boolean,
): string {
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0
  const known = total !== undefined && total > 0
  const share = known ? Math.min(1, done / total) : undefined
  const parts = [
    known ? `${unit === 'bytes' ? formatBytes(done) : formatCount(done)} / ${amount(total, unit)}` : amount(done, unit),
    ...(extra.bytes === undefined ? [] : [formatBytes(extra.bytes)]),
    ...(rate > 0 ? [`${unit === 'bytes' ? formatBytes(rate) : formatCount(Math.round(rate))}/s`] : []),
    timing(done, total, rate, elapsedMs),
    ...(extra.text === undefined ? [] : [extra.text]),
  ]
  const line = lineThatFits(printable(label), share, parts.map(printable), columns)
  return colour && share !== undefined ? line.replace(/━+/, '\x1b[32m$&\x1b[0m') : line
}

/** Where there is not room for all, the bar gives way first, then what stands at the right. */
function lineThatFits(label: string, share: number | undefined, parts: readonly string[], columns: number): string {
  const percent = share === undefined ? '' : `${String(Math.floor(share * 100)).padStart(3)}%  `
  for (let kept = parts.length; ; kept--) {
    const text = `${percent}${parts.slice(0, kept).join('  ')}`
    const room = columns - displayWidth(`${label} ${text}`) - 1
    const barWidth = share === undefined || room < LEAST_BAR_WIDTH ? 0 : Math.min(BAR_WIDTH, room)
    const line = [label, ...(share === undefined || barWidth === 0 ? [] : [bar(share, barWidth)]), text].join(' ')
    if (kept === 1 || displayWidth(line) <= columns) return fit(line, columns)
  }
}

function timing(done: number, total: number | undefined, rate: number, elapsedMs: number): string {
  if (total === undefined || rate === 0 || done >= total) return formatDuration(elapsedMs)
  return `${formatDuration(((total - done) / rate) * 1000)} left`
}

function amount(count: number, unit: string): string {
  return unit === 'bytes' ? formatBytes(count) : `${formatCount(count)} ${unit}`
}

function bar(share: number, columns: number): string {
  const full = Math.floor(share * columns)
  return '━'.repeat(full) + '─'.repeat(columns - full)
}
