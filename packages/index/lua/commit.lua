-- Writes an entry and points its name to it. O(log n).
-- ARGV: name, cid, if_revision, schema_ref, data_urls, metadata, details, content, legacy_uuid, label version, label description
-- ('': none), id and owner of the journal ('': none), objects that the entry needs (JSON, '': none). The content is that of the details.
-- Returns {revision, entry}, or a refusal.
local name, cid, if_revision, schema_ref, data_urls, metadata, details, content, legacy_uuid, version, description, ingest, owner,
  objects = unpack(ARGV)

want_name(name)
want_entry(cid)
want_marks()
if version ~= '' then want_label(name, version) end
if ingest ~= '' then
  want_ingest(ingest)
  -- Made before: the name may have moved on since.
  local journal = redis.call('HMGET', INGEST .. ingest, 'state', 'cid', 'revision')
  if journal[1] == 'committed' and journal[2] == cid then
    local entry = load_entry(cid)
    return entry and { journal[3], entry } or refuse('entry.not_found', cid)
  end
  local refusal = fence(ingest, owner)
  if refusal then return refusal end
end
follow(name)
local refusal = conflict(name, if_revision)
if refusal then return refusal end
objects = objects ~= '' and redis.call('HLEN', MARKS) > 0 and cjson.decode(objects) or {}
local deleting = those_deleting(objects)
if #deleting > 0 then return refuse('shard.not_found', deleting[1]) end

redis.call('HSET', ENTRY .. cid, 'schema_ref', schema_ref, 'data_urls', data_urls, 'cid', cid)
redis.call('HSETNX', ENTRY .. cid, 'name', name)
-- atdata leaves the metadata of an earlier write in place when there are none.
if metadata == '' then redis.call('HDEL', ENTRY .. cid, 'metadata') else redis.call('HSET', ENTRY .. cid, 'metadata', metadata) end
if legacy_uuid ~= '' then redis.call('HSET', ENTRY .. cid, 'legacy_uuid', legacy_uuid) end

redis.call('HSETNX', DETAILS .. cid, 'created_at_ms', now_ms())
if details ~= '' then
  redis.call('HSET', DETAILS .. cid, 'details', details)
  if content == '' then redis.call('HDEL', DETAILS .. cid, 'content') else redis.call('HSET', DETAILS .. cid, 'content', content) end
end

index_entry(cid)
point(name, cid, { operation = 'commit' })
put_label(name, '', cid, '')
if version ~= '' then put_label(name, version, cid, description) end
local _, revision = pointer(name)
take_marks_back(objects)
if ingest ~= '' then end_ingest(ingest, 'committed', 'cid', cid, 'revision', revision) end
return { revision, load_entry(cid) }
