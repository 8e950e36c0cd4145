-- O(1).
-- ARGV: id, owner, lease_ms
-- Returns nil, or a refusal.
local id, owner, lease_ms = unpack(ARGV)

want_ingest(id)
local refusal = fence(id, owner)
if refusal then return refusal end
grant(id, owner, tonumber(lease_ms))
return nil
