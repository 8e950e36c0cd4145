-- Points a name that atdata gave only versioned labels to the entry of the highest of them. O(log n).
-- ARGV: name, cid
local name, cid = unpack(ARGV)

want_name(name)
want_entry(cid)
if redis.call('EXISTS', NAME .. name) == 1 or redis.call('EXISTS', ENTRY .. cid) == 0 then return nil end
point(name, cid, { operation = 'commit' })
return nil
