/**
 * Softmax regression on drawn digits, from a named dataset: two ranks train, stop in the middle of an epoch, and three go on. The weights are those of one
 * rank that was never disturbed, to the last bit. The ranks take turns in this process; elsewhere each is a process, and `reduce` an all-reduce.
 */
import { Dataset, defineSample, int, NDArray, ndarray } from 'shardex'
import { type Digit, draw, SIDE } from './drawn-digits.ts'
import { openSetting } from './setting.ts'

const CLASSES = 10
const PIXELS = SIDE * SIDE
/** Samples of one step, of all ranks together; 1, 2 and 3 ranks share it evenly. */
const BATCH = 60
const EPOCHS = 4
const RATE = 2

await using setting = await openSetting()
const DigitSample = defineSample('mymodule.Digit', { pixels: ndarray('uint8', [SIDE, SIDE]), label: int() })
const samples = function* (first: number, count: number) {
  for (const { pixels, label } of draw(first, count)) yield { pixels: NDArray.from(pixels, [SIDE, SIDE]), label }
}
await setting.repo.insert(Dataset.from(DigitSample, samples(0, 6000)), 'digits', { maxcount: 500 })
const digits = await setting.repo.open('digits', { type: DigitSample })

/** All that has to be kept to go on: some kilobytes of weights, a line of text. */
interface Checkpoint {
  readonly epoch: number
  readonly weights: readonly number[]
  /** Of the loader, in the middle of that epoch. */
  readonly state?: string
}

/** Train until all epochs are over, or until some step of some epoch. */
async function train(worldSize: number, from: Checkpoint, stop?: { epoch: number; step: number }): Promise<Checkpoint> {
  const weights = Float64Array.from(from.weights)
  for (let epoch = from.epoch, resume = from.state; epoch < EPOCHS; epoch++, resume = undefined) {
    const order = resume === undefined ? { seed: 1, epoch } : { resume }
    const loaders = Array.from({ length: worldSize }, (_, rank) =>
      digits.shuffled({ ...order, rank, worldSize, batchSize: BATCH / worldSize }),
    )
    const ranks = loaders.map((loader) => loader[Symbol.asyncIterator]())
    for (let step = 0; ; step++) {
      if (stop?.epoch === epoch && stop.step === step) {
        for (const rank of ranks) await rank.return?.()
        return { epoch, weights: [...weights], state: loaders[0]!.state() } // the same on every rank
      }
      const turns = await Promise.all(ranks.map((rank) => rank.next()))
      const batches = turns.flatMap(({ done, value }) => (done === true ? [] : [value]))
      if (batches.length === 0) break
      const gradients = batches.map((batch) =>
        batch.samples.map(({ pixels, label }) => gradientOf(weights, { pixels: pixels.values, label: Number(label) })),
      )
      reduce(gradients, weights)
    }
  }
  return { epoch: EPOCHS, weights: [...weights] }
}

/** In the global order, in which ranks take turns: sums of floats depend on their order, and this one does not depend on the number of ranks. */
function reduce(gradients: readonly (readonly Float64Array[])[], weights: Float64Array): void {
  const sum = new Float64Array(weights.length)
  for (let turn = 0; turn < gradients[0]!.length; turn++)
    for (const rank of gradients) for (const [i, value] of rank[turn]!.entries()) sum[i]! += value
  for (const [i, value] of sum.entries()) weights[i]! -= (RATE / BATCH) * value
}

function gradientOf(weights: Float64Array, { pixels, label }: Digit): Float64Array {
  const gradient = new Float64Array(weights.length)
  for (const [digit, probability] of probabilities(weights, pixels).entries()) {
    const error = probability - (digit === label ? 1 : 0)
    const row = digit * (PIXELS + 1)
    for (let i = 0; i < PIXELS; i++) gradient[row + i] = (error * pixels[i]!) / 255
    gradient[row + PIXELS] = error
  }
  return gradient
}

function probabilities(weights: Float64Array, pixels: Uint8Array): Float64Array {
  const scores = Float64Array.from({ length: CLASSES }, (_, digit) => {
    const row = digit * (PIXELS + 1)
    let score = weights[row + PIXELS]!
    for (let i = 0; i < PIXELS; i++) score += (weights[row + i]! * pixels[i]!) / 255
    return score
  })
  const most = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - most))
  const total = powers.reduce((sum, power) => sum + power)
  return powers.map((power) => power / total)
}

/** On digits that are in no dataset. */
function report(who: string, { weights }: Checkpoint): void {
  let [loss, right, count] = [0, 0, 0]
  for (const { pixels, label } of draw(1_000_000, 1000)) {
    const guess = probabilities(Float64Array.from(weights), pixels)
    loss -= Math.log(guess[label]!)
    right += Number(guess.indexOf(Math.max(...guess)) === label)
    count++
  }
  console.log(`${who}: loss ${(loss / count).toFixed(3)}, ${((100 * right) / count).toFixed(1)} % right`)
}

const begin: Checkpoint = { epoch: 0, weights: Array.from({ length: CLASSES * (PIXELS + 1) }, () => 0) }
report('untrained', begin)
const undisturbed = await train(1, begin)
report('one rank, undisturbed', undisturbed)

const stopped = await train(2, begin, { epoch: 1, step: 37 })
report('two ranks, stopped in the second epoch', stopped)
const saved = JSON.stringify(stopped) // a file, in another process
const resumed = await train(3, JSON.parse(saved) as Checkpoint)
report('three ranks, resumed', resumed)

const isSame = resumed.weights.every((weight, i) => Object.is(weight, undisturbed.weights[i]))
console.log(isSame ? 'the same weights, to the last bit' : 'other weights')
