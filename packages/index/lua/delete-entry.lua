-- Removes an entry that nothing points to. O(names and labels of the entry).
-- ARGV: cid
-- Returns nil, or a refusal.
local cid = ARGV[1]

want_entry(cid)
want('zset', ENTRIES)
if not load_entry(cid) then return refuse('entry.not_found', cid) end
local uses = {}
for _, name in ipairs(redis.call('SMEMBERS', ENTRY_NAMES .. cid)) do
  uses[#uses + 1] = name
end
for _, member in ipairs(redis.call('SMEMBERS', ENTRY_LABELS .. cid)) do
  local cut = string.find(member, NUL, 1, true)
  local label = string.sub(member, 1, cut - 1) .. '@' .. string.sub(member, cut + 1)
  want('hash', LABEL .. label)
  -- atdata may have moved the label since it was put in the set.
  if redis.call('HGET', LABEL .. label, 'cid') == cid then uses[#uses + 1] = label end
end
if #uses > 0 then return refuse('entry.in_use', cid, uses) end
redis.call('DEL', ENTRY .. cid, DETAILS .. cid, ENTRY_NAMES .. cid, ENTRY_LABELS .. cid)
redis.call('ZREM', ENTRIES, cid)
return nil
