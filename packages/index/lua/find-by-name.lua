-- The entry a name points to. O(1).
-- ARGV: name
-- Returns {revision, entry}, or nil.
local name = ARGV[1]

follow(name)
local cid, revision = pointer(name)
if not cid then return nil end
return { revision, load_entry(cid) }
