-- One page of entries in the order in which they came to be known. O(log n + page).
-- ARGV: the sequence number to start after, how many
-- Returns {sequence number, entry} pairs in one flat array.
local after, limit = ARGV[1], ARGV[2]

want('zset', ENTRIES)
local found = redis.call('ZRANGEBYSCORE', ENTRIES, '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
local page = {}
for i = 1, #found, 2 do
  page[i], page[i + 1] = found[i + 1], load_entry(found[i])
end
return page
