-- Removes a journal that is not open. O(log n).
-- ARGV: id
-- Returns 1 if it was there and is gone, else 0.
local id = ARGV[1]

want_ingest(id)
local state = redis.call('HGET', INGEST .. id, 'state')
if not state or state == 'open' then return 0 end
redis.call('DEL', INGEST .. id)
redis.call('ZREM', INGESTS, id)
return 1
