import { testIndexProvider, testLocalIndex } from '@shardex/index/testing'
import { describeRedis } from '../../../test/services/describe.ts'
import { redisPlace, sqlitePlace } from './places.ts'

testIndexProvider('SQLite', sqlitePlace)
testLocalIndex('SQLite', sqlitePlace)
describeRedis('Redis', () => {
  testIndexProvider('Redis', redisPlace)
  testLocalIndex('Redis', redisPlace)
})
