import { array, bool, bytes, defineSample, float, int, NDArray, ndarray, str } from 'shardex'

/** One field of every type that atdata can store, as `sample_types.py` declares it. */
export const Everything = defineSample(
  'interop.Everything',
  {
    text: str(),
    count: int(),
    ratio: float(),
    flag: bool(),
    raw: bytes(),
    image: ndarray('uint8', [null, null, 3]),
    anything: ndarray(),
    words: array(str()),
    grid: array(array(int())),
    note: str().optional(),
    size: int().optional(),
    score: float().optional(),
    mask: ndarray('bool').optional(),
  },
  { description: 'One field of every type.' },
)

export const Tiny = defineSample('interop.Tiny', { id: int(), label: str() }, { description: 'A number and its name.' })

export function tiny(from: number, to: number): { id: number; label: string }[] {
  return Array.from({ length: to - from }, (_, i) => ({ id: from + i, label: `n${from + i}` }))
}

const arrays: readonly NDArray[] = [
  NDArray.from(Int8Array.of(-128, 127)),
  NDArray.from(Int16Array.of(-32768, 32767), [2, 1]),
  NDArray.from(Int32Array.of(-1, 0, 1, 2), [2, 2]),
  NDArray.from(BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)),
  NDArray.from(Uint16Array.of(0, 65535)),
  NDArray.from(Uint32Array.of(0, 2 ** 32 - 1)),
  NDArray.from(BigUint64Array.of(0n, 2n ** 64n - 1n)),
  NDArray.from([0.5, -0, Number.NaN], undefined, 'float16'),
  NDArray.from(Float32Array.of(0.1, Number.POSITIVE_INFINITY)),
  NDArray.from(Float64Array.of(0.1, Number.MIN_VALUE)),
  NDArray.from([true, false, true]),
  NDArray.from(['a', 'grüße', '漢字😀']),
  NDArray.from(Float64Array.of(1, -2, 3, -4), [2], 'complex128'),
  NDArray.from(Int16Array.of(1, 256), [2], '>i2'),
  NDArray.from(BigInt64Array.of(0n, -(2n ** 63n)), [2], '<M8[ns]'),
  NDArray.from(Float32Array.of(7), []),
  NDArray.from(new Float32Array(0), [0, 3]),
  NDArray.from(new Uint8Array(64).fill(9), [1, 2, 1, 2, 1, 2, 4, 2]),
]

/** Values at the ends of their types. */
export const everything = arrays.map((anything, i) => ({
  text: ['', 'plain', 'grüße 漢字 😀', 'line\nbreak\u0000'][i % 4]!,
  count: [0, -1, 2 ** 53 - 1, -(2n ** 63n), 2n ** 64n - 1n][i % 5]!,
  ratio: [0.1, -0, 1, 1e300, Number.NaN, Number.NEGATIVE_INFINITY][i % 6]!,
  flag: i % 2 === 0,
  raw: Uint8Array.from({ length: i * 20 }, (_, j) => j),
  image: NDArray.from(
    Uint8Array.from({ length: (i % 3) * 4 * 3 }, (_, j) => j * 7),
    [i % 3, 4, 3],
  ),
  anything,
  words: ['ünï', '', 'x'.repeat(i)].slice(0, i % 4),
  grid: [[1, -2], [], [2 ** 40]].slice(0, i % 4),
  ...(i % 2 === 0 ? {} : { note: `note ${i}`, size: i, score: i, mask: NDArray.from([true, false], undefined, 'bool') }),
}))
