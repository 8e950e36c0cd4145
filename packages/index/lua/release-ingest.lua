-- Lets the lease of this owner end now. O(1).
-- ARGV: id, owner
local id, owner = unpack(ARGV)

want_ingest(id)
local journal = redis.call('HMGET', INGEST .. id, 'state', 'owner')
if journal[1] == 'open' and journal[2] == owner then redis.call('HSET', INGEST .. id, 'until_ms', now_ms()) end
return nil
