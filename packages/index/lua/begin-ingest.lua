-- Opens a journal, or continues one. O(log n).
-- ARGV: id, name, base, layout, settings, resumable ('1' or '0'), owner, lease_ms
-- Returns the journal, or a refusal.
local id, name, base, layout, settings, resumable, owner, lease_ms = unpack(ARGV)
lease_ms = tonumber(lease_ms)

want_ingest(id)
want('zset', OPEN_INGESTS .. name)
want('string', SEQUENCE)
local found = redis.call('HMGET', INGEST .. id, 'name', 'layout', 'settings', 'state', 'owner', 'until_ms', 'lease_ms')
if redis.call('EXISTS', INGEST .. id) == 0 then
  local now = now_ms()
  redis.call('HSET', INGEST .. id, 'name', name, 'base', base, 'layout', layout, 'settings', settings, 'resumable', resumable,
    'state', 'open', 'began_at_ms', now, 'shards', 0)
  grant(id, owner, lease_ms)
  local sequence = redis.call('INCR', SEQUENCE)
  redis.call('ZADD', INGESTS, sequence, id)
  if resumable == '1' then redis.call('ZADD', OPEN_INGESTS .. name, sequence, id) end
  return load_ingest(id)
end

if found[1] ~= name or found[2] ~= layout or found[3] ~= settings then
  return refuse('ingest.conflict', id, { name = found[1], layout = found[2], settings = found[3] },
    { name = name, layout = layout, settings = settings })
end
if found[4] ~= 'open' then return load_ingest(id) end
local left = tonumber(found[6]) - now_ms()
-- A lease that ends further ahead than it is long was given by a clock that jumped.
if found[5] ~= owner and left > 0 and left <= tonumber(found[7]) then return refuse('ingest.busy', id, left) end
grant(id, owner, lease_ms)
return load_ingest(id)
