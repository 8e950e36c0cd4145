import { LocalIndex, StaticIndex } from '@shardex/index'
import { defineSample, int, str } from '@shardex/schema'
import { type ObjectStore, openFileStore } from '@shardex/storage'
import { serveDirectory } from '@shardex/storage/testing'
import { type TempDir, tempDir } from '../../../test/services/temp-dir.ts'

export const Photo = defineSample('static.Photo', { id: int(), label: str() })
export const CONTENT = 'bafyreie2rxsq6ghhzqdzvhbtfbjl3bp2hnpcmhp33agl2ybzuncdkmtrli'
export const WEB = 'https://data.example.org/photos-000000.tar'

/** A registry, and where it is exported to. */
export interface StaticPlace extends AsyncDisposable {
  readonly dir: TempDir
  readonly index: LocalIndex
  /** Where the files go, and where they are served. */
  readonly store: ObjectStore
  readonly url: string
  publish(): Promise<StaticIndex>
}

export async function openStaticPlace(): Promise<StaticPlace> {
  await using undo = new AsyncDisposableStack()
  const [dir, home] = [undo.use(await tempDir('static-index')), undo.use(await tempDir('static-index'))]
  const index = undo.use(new LocalIndex({ path: home.file('index.db') }))
  const store = undo.use(await openFileStore(dir.path))
  const { url } = undo.use(await serveDirectory(dir.path))
  const owned = undo.move()
  return { dir, index, store, url, publish: async () => new StaticIndex(url), [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
