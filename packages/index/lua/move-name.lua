-- Points a name to an entry that exists. O(log n).
-- ARGV: name, cid, if_revision
-- Returns the state of the name, or a refusal.
local name, cid, if_revision = unpack(ARGV)

want_name(name)
want_entry(cid)
follow(name)
if not load_entry(cid) then return refuse('entry.not_found', cid) end
local refusal = conflict(name, if_revision)
if refusal then return refusal end
point(name, cid, { operation = 'commit' })
put_label(name, '', cid, '')
return state(name)
