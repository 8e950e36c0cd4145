/** How many pixels of the source are looked at for one pixel of the picture, in each direction. */
const SAMPLES = 4
const MAX_COLUMNS = 200

/**
 * A small picture for a terminal with 24-bit colour: every character is an upper half block, its foreground one pixel and its background the
 * pixel below. Transparent pixels show the terminal's own background. For terminals only; a pipe would get escape codes.
 * @param rgba `width × height` pixels of four bytes, row by row
 * @param options.width of the picture in terminal columns, at most 200 and at most the picture's own width; default 32
 * @throws {TypeError} if `rgba` is not as long as the size says
 */
export function ansiImage(
  rgba: Uint8Array,
  width: number,
  height: number,
  options: { readonly width?: number | undefined } = {},
): string {
  if (!(width > 0 && height > 0 && rgba.byteLength === width * height * 4)) {
    throw new TypeError(`ansiImage(): ${rgba.byteLength} bytes for ${width} × ${height} pixels of 4 bytes`)
  }
  const columns = Math.max(1, Math.min(options.width ?? 32, MAX_COLUMNS, width))
  const rows = Math.max(1, Math.round((height * columns) / width))
  const at = (column: number, row: number): Colour | undefined =>
    row < rows
      ? average(
          rgba,
          width,
          { left: column / columns, right: (column + 1) / columns, top: row / rows, bottom: (row + 1) / rows },
          height,
        )
      : undefined
  const lines: string[] = []
  for (let row = 0; row < rows; row += 2) {
    let line = ''
    let last = ''
    for (let column = 0; column < columns; column++) {
      const { style, character } = cell(at(column, row), at(column, row + 1))
      line += style === last ? character : `${RESET}${style}${character}`
      last = style
    }
    lines.push(`${line}${RESET}`)
  }
  return lines.join('\n')
}

type Colour = readonly [red: number, green: number, blue: number]
const RESET = '\x1b[0m'

function cell(upper: Colour | undefined, lower: Colour | undefined): { style: string; character: string } {
  if (upper === undefined)
    return lower === undefined ? { style: '', character: ' ' } : { style: foreground(lower), character: '▄' }
  if (lower === undefined) return { style: foreground(upper), character: '▀' }
  return { style: `${foreground(upper)}\x1b[48;2;${lower.join(';')}m`, character: '▀' }
}

function foreground(colour: Colour): string {
  return `\x1b[38;2;${colour.join(';')}m`
}

interface Area {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** The mean colour of an area (in fractions of the picture), weighted by opacity; `undefined` if it is mostly transparent. */
function average(rgba: Uint8Array, width: number, area: Area, height: number): Colour | undefined {
  const sum = [0, 0, 0]
  let opacity = 0
  for (let j = 0; j < SAMPLES; j++) {
    const y = Math.min(height - 1, Math.floor((area.top + ((j + 0.5) / SAMPLES) * (area.bottom - area.top)) * height))
    for (let i = 0; i < SAMPLES; i++) {
      const x = Math.min(width - 1, Math.floor((area.left + ((i + 0.5) / SAMPLES) * (area.right - area.left)) * width))
      const offset = (y * width + x) * 4
      const alpha = rgba[offset + 3] as number
      opacity += alpha
      for (let channel = 0; channel < 3; channel++)
        sum[channel] = (sum[channel] as number) + (rgba[offset + channel] as number) * alpha
    }
  }
  if (opacity < (SAMPLES * SAMPLES * 255) / 2) return undefined
  return [mean(sum[0]), mean(sum[1]), mean(sum[2])]

  function mean(channel: number | undefined): number {
    return Math.round((channel ?? 0) / opacity)
  }
}
