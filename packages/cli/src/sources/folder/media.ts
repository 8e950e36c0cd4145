import { extname, join } from 'node:path'
import { describe } from '@shardex/errors'
import { firstBytes } from '../detect-format.ts'
import { sourceInvalid } from '../source-error.ts'

/** What the files of a folder are; also the name of the field that holds their bytes. */
export type Medium = 'image' | 'audio' | 'file'

/** How many files are looked into before their extension is believed. */
const CHECKED_FILES = 16

/** Images if most of the files are, else audio if most are, else just files. */
export function mediumOf(paths: readonly string[]): Medium {
  for (const medium of ['image', 'audio'] as const) {
    if (paths.filter((path) => isMedium(path, medium)).length * 2 > paths.length) return medium
  }
  return 'file'
}

export function isMedium(path: string, medium: Medium): boolean {
  return medium === 'file' || EXTENSIONS[medium].has(extname(path).toLowerCase())
}

/**
 * Looks into the first files: an image may be another kind of image than its name says, but not a web page or a Git LFS pointer.
 * @throws {ShardexError} `source.invalid` naming the file
 */
export async function checkMedium(root: string, paths: readonly string[], medium: Medium): Promise<void> {
  if (medium === 'file') return
  for (const path of paths.slice(0, CHECKED_FILES)) {
    const start = (await firstBytes(join(root, path), 64)).toString('latin1')
    if (MAGIC[medium].test(start)) continue
    throw sourceInvalid(join(root, path), {
      found: start === '' ? 'an empty file' : `a file that starts with ${describe(start.slice(0, 20))}`,
      wanted: `the bytes of an ${medium === 'image' ? 'image' : 'audio file'}`,
      advice: start.startsWith('version https://git-lfs') ? 'fetch the real file with git lfs pull' : 'remove or repair it',
    })
  }
}

const EXTENSIONS = {
  image: new Set('.png .jpg .jpeg .jpe .jfif .webp .gif .bmp .tif .tiff .avif .heic .heif .jxl .ico .svg'.split(' ')),
  audio: new Set('.wav .mp3 .flac .ogg .oga .opus .m4a .aac .aif .aiff'.split(' ')),
} as const

// On latin1 text, so that one character is one byte.
const MAGIC = {
  image: new RegExp(
    [
      '^\\x89PNG', // PNG
      '^\\xff\\xd8\\xff', // JPEG
      '^RIFF.{4}WEBP',
      '^GIF8',
      '^BM',
      '^(?:II\\*\\x00|MM\\x00\\*)', // TIFF
      '^.{4}ftyp', // AVIF, HEIC
      '^(?:\\xff\\x0a|.{4}JXL )',
      '^\\x00\\x00[\\x01\\x02]\\x00', // ICO, CUR
      '^(?:\\xef\\xbb\\xbf)?\\s*<(?:svg|\\?xml|!--|!DOCTYPE svg)',
    ].join('|'),
    's',
  ),
  audio: /^(?:RIFF.{4}WAVE|RF64|ID3|\xff[\xe0-\xff]|fLaC|OggS|.{4}ftyp|FORM.{4}AIF)/s,
} as const
