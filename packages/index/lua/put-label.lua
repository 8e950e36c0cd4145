-- Marks an entry with a version. O(log n).
-- ARGV: name, version, cid, description ('': none)
-- Returns nil, or a refusal.
local name, version, cid, description = unpack(ARGV)

want_name(name)
want_label(name, version)
want_entry(cid)
if not load_entry(cid) then return refuse('entry.not_found', cid) end
put_label(name, version, cid, description)
return nil
