-- Indexes entries that atdata wrote. A name that has no label and no history is pointed to the first entry that carries it. O(log n) each.
-- ARGV: cids
-- Returns how many were new.
local new = 0
for _, cid in ipairs(ARGV) do
  want_entry(cid)
  want('zset', ENTRIES)
  new = new + index_entry(cid)
  local name = redis.call('HGET', ENTRY .. cid, 'name')
  if name then
    want_name(name)
    follow(name)
    if redis.call('EXISTS', NAME .. name) == 0 then point(name, cid, { operation = 'commit' }) end
  end
end
return new
