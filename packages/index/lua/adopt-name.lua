-- Points a name that atdata gave only versioned labels to the entry of the highest of them. O(log n).
-- ARGV: name, cid
local name, cid = unpack(ARGV)

follow(name)
if redis.call('EXISTS', NAME .. name) == 1 then return nil end
if load_entry(cid) then point(name, cid, { operation = 'commit' }) end
return nil
