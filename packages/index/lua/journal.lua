-- Journals of inserts, for all scripts.

local function want_ingest(id)
  want('hash', INGEST .. id)
  want('zset', INGEST_SHARDS .. id)
  want('zset', INGESTS)
  if redis.call('EXISTS', INGEST .. id) == 0 then return end
  local name = redis.call('HGET', INGEST .. id, 'name')
  if not name then error('SHARDEX-TYPE ' .. cjson.encode({ INGEST .. id, 'journal without name', 'name' }), 0) end
  want('zset', OPEN_INGESTS .. name)
end

-- A refusal unless the journal is open and held by this owner, else nil.
local function fence(id, owner)
  local journal = redis.call('HMGET', INGEST .. id, 'state', 'owner')
  if journal[1] == 'open' and journal[2] == owner then return nil end
  return refuse('ingest.lost', id, journal[1] or nil)
end

local function grant(id, owner, lease_ms)
  redis.call('HSET', INGEST .. id, 'owner', owner, 'lease_ms', lease_ms, 'until_ms', now_ms() + lease_ms)
end

-- The shards belong to the entry now, or to nobody. More fields may follow.
local function end_ingest(id, state, ...)
  redis.call('HSET', INGEST .. id, 'state', state, 'until_ms', now_ms(), ...)
  redis.call('ZREM', OPEN_INGESTS .. redis.call('HGET', INGEST .. id, 'name'), id)
  redis.call('UNLINK', INGEST_SHARDS .. id)
end

-- {id, name, base, layout, settings, resumable, state, cid, began_at_ms, until_ms, shards}, or false.
local function load_ingest(id)
  want('hash', INGEST .. id)
  if redis.call('EXISTS', INGEST .. id) == 0 then return false end
  return { id, unpack(redis.call('HMGET', INGEST .. id, 'name', 'base', 'layout', 'settings', 'resumable', 'state', 'cid', 'began_at_ms',
    'until_ms', 'shards')) }
end
