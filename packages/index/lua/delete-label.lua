-- ARGV: name, version
-- Returns nil, or a refusal. O(log n).
local name, version = unpack(ARGV)

want_name(name)
want_label(name, version)
if redis.call('EXISTS', LABEL .. name .. '@' .. version) == 0 then return refuse('label.not_found', name, version) end
remove_label(name, version)
return nil
