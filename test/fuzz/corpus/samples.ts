import { array, bool, bytes, defineSample, float, int, type NDArray, NDArray as Nd, ndarray, str } from '@shardex/schema'

export const Everything = defineSample('fuzz.Everything', {
  name: str(),
  count: int(),
  score: float().optional(),
  good: bool(),
  raw: bytes(),
  tags: array(array(str())),
  image: ndarray('float32', [null, 2]).optional(),
  words: ndarray().optional(),
})

export const Small = defineSample('fuzz.Small', { name: str(), value: int() })

export function everything(i: number): Parameters<typeof Everything.pack>[0] {
  return {
    name: `sample ${i} é`,
    count: i % 3 === 0 ? BigInt(i) + 2n ** 62n : i - 5,
    score: i % 2 === 0 ? undefined : i / 3,
    good: i % 2 === 0,
    raw: Uint8Array.from({ length: i * 9 }, (_, at) => at + i),
    tags: [[`t${i}`], [], ['a', 'b'.repeat(i)]],
    image: i % 4 === 3 ? undefined : (Nd.from(new Float32Array(i * 2), [i, 2]) as NDArray<'float32'>),
    words: Nd.from(['ä', 'word'], [2]) as NDArray,
  }
}
