-- A label, or with version 'last' the one set last. O(log n).
-- ARGV: name, 'is' or 'last', version
-- Returns {name, version, cid, description}, or nil.
local name, kind, version = unpack(ARGV)

want('zset', NAME_LABELS .. name)
follow(name)
if kind == 'last' then version = redis.call('ZREVRANGE', NAME_LABELS .. name, 0, 0)[1] end
if not version then return nil end
local key = LABEL .. name .. '@' .. version
want('hash', key)
if redis.call('EXISTS', key) == 0 then return nil end
local label = redis.call('HMGET', key, 'cid', 'description')
return { name, version, label[1], label[2] }
