import { testObjectStore } from '@shardex/storage/testing'
import { describeS3 } from '../../../test/services/index.ts'
import { cachedPlace } from './cached-place.ts'
import { filePlace, httpPlace, s3Place } from './places.ts'

const READ_ONLY = { write: false, list: false, putIfAbsent: false }

testObjectStore('a directory behind an empty cache', () => cachedPlace(filePlace, { isWarm: false }))
testObjectStore('a directory behind a full cache', () => cachedPlace(filePlace, { isWarm: true }))
testObjectStore('a web server behind a cache', () => cachedPlace(httpPlace, { isWarm: true }), READ_ONLY)
describeS3('S3', (server) => {
  testObjectStore('a bucket behind a cache', () => cachedPlace(() => s3Place(server), { isWarm: true }))
})
