import { readlinkSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Which files and directories this process syncs while it watches. On Linux, which tells the paths of descriptors. */
export async function watchSyncs(): Promise<{ readonly paths: Set<string> } & Disposable> {
  await using handle = await open('/dev/null')
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  const { sync } = prototype
  const paths = new Set<string>()
  prototype.sync = function watched(this: FileHandle) {
    paths.add(readlinkSync(`/proc/self/fd/${this.fd}`))
    return sync.call(this)
  }
  return {
    paths,
    [Symbol.dispose]() {
      prototype.sync = sync
    },
  }
}
