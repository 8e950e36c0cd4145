-- Open and resumable journals for a name, in the order in which they began. O(how many).
-- ARGV: name
-- Returns journals.
local key = OPEN_INGESTS .. ARGV[1]

want('zset', key)
local found = {}
for i, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
  found[i] = load_ingest(id)
end
return found
