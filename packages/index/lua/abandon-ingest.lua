-- Gives an insert up. O(log n).
-- ARGV: id, 'owner' or 'idle', the owner or for how many milliseconds the lease must have run out
-- Returns 1 if it is abandoned now, else 0.
local id, who, value = unpack(ARGV)

want_ingest(id)
local journal = redis.call('HMGET', INGEST .. id, 'state', 'owner', 'until_ms', 'lease_ms')
if journal[1] ~= 'open' then return journal[1] == 'abandoned' and 1 or 0 end
if who == 'owner' then
  if journal[2] ~= value then return 0 end
else
  local left = tonumber(journal[3]) - now_ms()
  if left > tonumber(journal[4]) then redis.call('HSET', INGEST .. id, 'until_ms', now_ms()) end
  if left + tonumber(value) > 0 then return 0 end
end
end_ingest(id, 'abandoned')
return 1
