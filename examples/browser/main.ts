/**
 * A page that finds a dataset by its name, proves a sample and draws images in random order: by ranged requests to any web server, with no
 * other program behind it. `?index=URL&name=NAME&seed=7`
 */
import { Dataset, type Entry, NDArray, StaticIndex, verifyProof } from 'shardex/read'

/** As many as a person looks at. */
const MOST = 120

const parameters = new URLSearchParams(location.search)
const status = document.querySelector('[role=status]') as HTMLElement

try {
  const index = new StaticIndex(parameters.get('index') ?? 'index/')
  const name = parameters.get('name') ?? (await index.listNames())[0] ?? ''
  const entry = await index.getEntryByName(name)
  if (entry === undefined) throw new Error(`there is no dataset "${name}" here`)
  document.querySelector('h1')!.textContent = `${entry.name}, ${entry.sampleCount} samples`

  const type = await index.decodeSchema(entry.schemaRef)
  const dataset = Dataset.from(type, entry)
  const first = await dataset.at(0)
  const isProved = await prove(dataset, entry, first.__key__, type.pack(first))
  status.textContent = `“${first.__key__}” ${isProved ? 'belongs' : 'does not belong'} to ${entry.contentCid}`

  const main = document.querySelector('main')!
  for await (const sample of dataset.shuffled({ seed: Number(parameters.get('seed') ?? 1) })) {
    main.append(await figure(sample.__key__, sample))
    if (main.childElementCount === MOST) break
  }
  document.body.dataset['state'] = 'done'
} catch (error) {
  status.role = 'alert'
  status.textContent = error instanceof Error ? error.message : String(error)
  document.body.dataset['state'] = 'failed'
}

/** Whether the sample is part of what the entry says that the data is. */
async function prove(dataset: Dataset<object>, { contentCid = '' }: Entry, key: string, payload: Uint8Array): Promise<boolean> {
  const proof = await dataset.prove(key)
  return proof !== undefined && verifyProof(contentCid, { key, payload }, proof)
}

async function figure(key: string, sample: object): Promise<HTMLElement> {
  const image = Object.values(sample).find((value) => value instanceof Uint8Array || value instanceof NDArray)
  const element = document.createElement('figure')
  element.dataset['key'] = key
  const caption = document.createElement('figcaption')
  caption.textContent = key
  if (image !== undefined) element.append(draw(await createImageBitmap(source(image))))
  element.append(caption)
  return element
}

/** A PNG or JPEG as it is, or pixels of the shape (height, width, 3). */
function source(image: Uint8Array | NDArray): Blob | ImageData {
  if (image instanceof Uint8Array) return new Blob([new Uint8Array(image)])
  const [height = 0, width = 0, channels = 1] = image.shape
  const pixels = new ImageData(width, height)
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = image.bytes[i * channels + Math.min(c, channels - 1)] ?? 0
    pixels.data[4 * i + 3] = 255
  }
  return pixels
}

function draw(bitmap: ImageBitmap): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = bitmap.width
  canvas.height = bitmap.height
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0)
  return canvas
}
