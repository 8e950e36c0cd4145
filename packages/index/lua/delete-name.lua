-- Ends a name. Its history and its entry stay. O(log n).
-- ARGV: name, if_revision
-- Returns nil, or a refusal.
local name, if_revision = unpack(ARGV)

want_name(name)
follow(name)
local cid = pointer(name)
if not cid then return refuse('name.not_found', name) end
want_entry(cid)
local refusal = conflict(name, if_revision)
if refusal then return refusal end
unpoint(name, { operation = 'delete' })
return nil
