import { statfs, writeFile } from 'node:fs/promises'
import { needProgram, run, type TempDir, tempDir } from '../services/index.ts'

/** A file system of its own that can be filled to the last byte. */
export interface SmallDisk extends AsyncDisposable {
  readonly dir: TempDir
  /** Fill it, but for so many bytes. */
  fill(freeBytes: number): Promise<void>
  /** Make room again. */
  empty(): Promise<void>
}

/** Why there can be none here, if there can be none. */
export const NO_SMALL_DISK: string | undefined =
  process.platform !== 'linux' ? 'needs Linux' : process.getuid?.() === 0 ? undefined : 'needs root, to mount a small file system'

/** In CI the tests of a full disk run in any case, and fail where they cannot: nobody shall take it for tested when it never was. */
export const SKIPS_FULL_DISK: boolean = NO_SMALL_DISK !== undefined && !process.env['CI']

export async function openSmallDisk(sizeBytes: number): Promise<SmallDisk> {
  const [mount, umount] = await Promise.all([needProgram('mount', 'mount'), needProgram('umount', 'mount')])
  await using undo = new AsyncDisposableStack()
  const dir = undo.use(await tempDir('small-disk'))
  await run(mount, ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', dir.path])
  undo.defer(async () => void (await run(umount, [dir.path])))
  const owned = undo.move()
  const ballast = dir.file('ballast')
  return {
    dir,
    async fill(freeBytes) {
      await writeFile(ballast, '')
      const { bavail, bsize } = await statfs(dir.path)
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)))
    },
    empty: () => writeFile(ballast, ''),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
