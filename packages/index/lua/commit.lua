-- Writes an entry and points its name to it. O(log n).
-- ARGV: name, cid, if_revision, schema_ref, data_urls, metadata, details, content, legacy_uuid, label version, label description
-- ('': none). The content is that of the details.
-- Returns {revision, entry}, or a refusal.
local name, cid, if_revision, schema_ref, data_urls, metadata, details, content, legacy_uuid, version, description = unpack(ARGV)

want_name(name)
follow(name)
want_entry(cid)
if version ~= '' then want_label(name, version) end
local refusal = conflict(name, if_revision)
if refusal then return refusal end

redis.call('HSET', ENTRY .. cid, 'schema_ref', schema_ref, 'data_urls', data_urls, 'cid', cid)
redis.call('HSETNX', ENTRY .. cid, 'name', name)
-- atdata leaves the metadata of an earlier write in place when there are none.
if metadata == '' then redis.call('HDEL', ENTRY .. cid, 'metadata') else redis.call('HSET', ENTRY .. cid, 'metadata', metadata) end
if legacy_uuid ~= '' then redis.call('HSET', ENTRY .. cid, 'legacy_uuid', legacy_uuid) end

local now = redis.call('TIME')
redis.call('HSETNX', DETAILS .. cid, 'created_at_ms', now[1] * 1000 + math.floor(now[2] / 1000))
if details ~= '' then
  redis.call('HSET', DETAILS .. cid, 'details', details)
  if content == '' then redis.call('HDEL', DETAILS .. cid, 'content') else redis.call('HSET', DETAILS .. cid, 'content', content) end
end

index_entry(cid)
point(name, cid, { operation = 'commit' })
put_label(name, '', cid, '')
if version ~= '' then put_label(name, version, cid, description) end
local _, revision = pointer(name)
return { revision, load_entry(cid) }
