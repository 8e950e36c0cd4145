-- Notes a shard of an open journal and takes the marks of its objects back. O(log n) for each object.
-- ARGV: id, owner, number, urls (JSON), description
-- Returns the urls that are being deleted; if there are any, nothing was noted. Or a refusal.
local id, owner, number, urls, description = unpack(ARGV)
local key = INGEST_SHARDS .. id

want_ingest(id)
want_marks()
local refusal = fence(id, owner)
if refusal then return refusal end
local deleting = those_deleting(cjson.decode(urls))
if #deleting > 0 then return deleting end

local before = redis.call('ZRANGEBYSCORE', key, number, number)
local member = number .. NUL .. urls .. NUL .. description
redis.call('ZADD', key, number, member)
for _, old in ipairs(before) do
  if old ~= member then redis.call('ZREM', key, old) end
end
redis.call('HSET', INGEST .. id, 'shards', redis.call('ZCARD', key))
take_marks_back(cjson.decode(urls))
return {}
