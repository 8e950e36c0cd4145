-- One page of journals in the order in which they began. O(log n + page).
-- ARGV: the sequence number to start after, how many
-- Returns {sequence number, journal} pairs in one flat array.
local after, limit = unpack(ARGV)

want('zset', INGESTS)
local found = redis.call('ZRANGEBYSCORE', INGESTS, '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
local page = {}
for i = 1, #found, 2 do
  page[i], page[i + 1] = found[i + 1], load_ingest(found[i])
end
return page
