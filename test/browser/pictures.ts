import { encode } from 'fast-png'
import { bytes, Dataset, defineSample, int, NDArray, ndarray, Repo } from 'shardex'
import type { TempDir } from '../services/index.ts'

const SIDE = 8

export const Picture = defineSample('browser.Picture', { id: int(), png: bytes() })
export const Pixels = defineSample('browser.Pixels', { id: int(), pixels: ndarray('uint8', [SIDE, SIDE, 3]) })

/** Every picture has a colour of its own. */
export function colourOf(id: number): readonly [number, number, number] {
  return [(id * 37) % 256, (id * 91) % 256, (id * 151) % 256]
}

/** PNGs as `pictures`, arrays as `pixels`, in several shards each. */
export async function insertPictures(dir: TempDir, count: number): Promise<Repo> {
  const repo = new Repo({ home: dir.file('home') })
  const ids = Array.from({ length: count }, (_, id) => id)
  const pngs = ids.map((id) => ({ id, png: encode({ width: SIDE, height: SIDE, channels: 3, data: square(id) }) }))
  const arrays = ids.map((id) => ({ id, pixels: NDArray.from(square(id), [SIDE, SIDE, 3]) }))
  await repo.insert(Dataset.from(Picture, pngs), 'pictures', { maxcount: 10 })
  await repo.insert(Dataset.from(Pixels, arrays), 'pixels', { maxcount: 10 })
  return repo
}

function square(id: number): Uint8Array {
  const colour = colourOf(id)
  return Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => colour[i % 3] as number)
}
