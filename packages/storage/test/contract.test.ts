import { testObjectStore } from '@shardex/storage/testing'
import { describeS3 } from '../../../test/services/index.ts'
import { filePlace, httpPlace, s3Place } from './places.ts'

const READ_ONLY = { write: false, list: false, putIfAbsent: false }

testObjectStore('a directory', filePlace)
testObjectStore('a web server', httpPlace, READ_ONLY)
testObjectStore('a web server that ignores ranges', () => httpPlace({ ranges: false }), READ_ONLY)
describeS3('S3', (server) => {
  testObjectStore('a bucket', () => s3Place(server))
  testObjectStore('a prefix of a bucket', () => s3Place(server, { prefix: 'some/prefix' }))
})
