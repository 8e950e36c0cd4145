-- Put in front of every script of this folder, after sha256.lua and record.lua, before marks.lua and journal.lua.
-- KEYS: the roots of keys.ts, in its order. A key is a root, or a root and a name, CID or type. Which keys a script touches depends on what
-- it reads, so it cannot declare them one by one; that is why a Redis Cluster is refused.
local ENTRY, LABEL, SCHEMA, NAME, HISTORY, NAMES, DETAILS, ENTRIES, ENTRY_NAMES, ENTRY_LABELS, LABELS, NAME_LABELS, SCHEMAS, DIGESTS,
  SEQUENCE, INGEST, INGESTS, INGEST_SHARDS, OPEN_INGESTS, MARKS, GARBAGE, REGISTRY, LENS, LENSES = unpack(KEYS)
local NUL = '\0'

-- Called for all keys before the first write: what a script has written when it fails is not undone.
local function want(kind, key)
  local found = redis.call('TYPE', key)['ok']
  if found ~= 'none' and found ~= kind then error('SHARDEX-TYPE ' .. cjson.encode({ key, found, kind }), 0) end
end

-- What a script returns instead of its result: a code of the table of errors, and its facts.
local function refuse(...)
  return redis.error_reply('SHARDEX-REFUSED ' .. cjson.encode({ ... }))
end

local function now_ms()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end

-- A record links to it.
local function want_cid(key, field)
  local cid = redis.call('HGET', key, field)
  if cid and not (#cid == 59 and string.find(cid, '^b[a-z2-7]+$')) then
    error('SHARDEX-TYPE ' .. cjson.encode({ key, field .. ' that is no CID', 'CID' }), 0)
  end
end

-- All that a step in the life of a name touches.
local function want_name(name)
  want('hash', NAME .. name)
  want('hash', LABEL .. name .. '@')
  want('zset', HISTORY .. name)
  want('zset', NAME_LABELS .. name)
  want('zset', NAMES)
  want('zset', LABELS)
  want('zset', ENTRIES)
  want('string', SEQUENCE)
  want_cid(NAME .. name, 'record')
  local before = redis.call('HGET', NAME .. name, 'cid')
  if before then want('set', ENTRY_NAMES .. before) end
end

local function want_label(name, version)
  local key = LABEL .. name .. '@' .. version
  want('hash', key)
  local before = redis.call('HGET', key, 'cid')
  if before then want('set', ENTRY_LABELS .. before) end
end

local function want_entry(cid)
  want('hash', ENTRY .. cid)
  want('hash', DETAILS .. cid)
  want('set', ENTRY_NAMES .. cid)
  want('set', ENTRY_LABELS .. cid)
  want_cid(DETAILS .. cid, 'content')
end

-- The CID a name points to (false: none), and its revision (0: none).
local function pointer(name)
  local p = redis.call('HMGET', NAME .. name, 'cid', 'revision')
  return p[1], p[1] and tonumber(p[2]) or 0
end

-- {name, revision, cid, at_ms}
local function state(name)
  local p = redis.call('HMGET', NAME .. name, 'revision', 'cid', 'at_ms')
  return { name, p[1], p[2], p[3] }
end

-- A refusal if the name is not at the revision that the writer has seen, else nil.
local function conflict(name, if_revision)
  local _, revision = pointer(name)
  if if_revision ~= '' and tonumber(if_revision) ~= revision then
    return refuse('write.conflict', name, tonumber(if_revision), revision)
  end
end

local function index_entry(cid)
  if redis.call('ZSCORE', ENTRIES, cid) then return 0 end
  redis.call('ZADD', ENTRIES, redis.call('INCR', SEQUENCE), cid)
  return 1
end

-- One more step in the life of a name, linked to the one before. Time never runs backwards within a name, also if the clock does.
local function append(name, step)
  local p = redis.call('HMGET', NAME .. name, 'revision', 'at_ms', 'record')
  local revision = tonumber(p[1] or 0) + 1
  step.at_ms = math.max(now_ms(), tonumber(p[2] or 0))
  step.content = step.cid and redis.call('HGET', DETAILS .. step.cid, 'content') or nil
  step.previous = p[3] or nil
  local record = record_cid(name, revision, step)
  redis.call('HSET', NAME .. name, 'revision', revision, 'at_ms', step.at_ms, 'record', record)
  redis.call('ZADD', HISTORY .. name, revision, cjson.encode(step))
end

local function point(name, cid, step)
  local before = pointer(name)
  if before == cid then return end
  step.cid = cid
  append(name, step)
  redis.call('HSET', NAME .. name, 'cid', cid)
  redis.call('SADD', ENTRY_NAMES .. cid, name)
  redis.call('ZADD', NAMES, 0, name)
  if before then redis.call('SREM', ENTRY_NAMES .. before, name) end
end

-- Version '' is the unversioned label, which is how atdata knows where a name points.
local function index_label(name, version, cid)
  redis.call('ZADD', LABELS, 0, name .. NUL .. version)
  redis.call('ZADD', NAME_LABELS .. name, redis.call('INCR', SEQUENCE), version)
  if version ~= '' then redis.call('SADD', ENTRY_LABELS .. cid, name .. NUL .. version) end
end

local function put_label(name, version, cid, description)
  local key = LABEL .. name .. '@' .. version
  local before = redis.call('HGET', key, 'cid')
  if before and before ~= cid then redis.call('SREM', ENTRY_LABELS .. before, name .. NUL .. version) end
  redis.call('HSET', key, 'cid', cid, 'name', name, 'version', version)
  if description == '' then redis.call('HDEL', key, 'description') else redis.call('HSET', key, 'description', description) end
  index_label(name, version, cid)
end

local function remove_label(name, version)
  local key = LABEL .. name .. '@' .. version
  local cid = redis.call('HGET', key, 'cid')
  if cid then redis.call('SREM', ENTRY_LABELS .. cid, name .. NUL .. version) end
  redis.call('DEL', key)
  redis.call('ZREM', LABELS, name .. NUL .. version)
  redis.call('ZREM', NAME_LABELS .. name, version)
end

local function unpoint(name, step)
  local cid = pointer(name)
  append(name, step)
  redis.call('HDEL', NAME .. name, 'cid')
  redis.call('SREM', ENTRY_NAMES .. cid, name)
  redis.call('ZREM', NAMES, name)
  remove_label(name, '')
end

-- atdata moves a name by moving its unversioned label. Seen here first, it becomes a step like any other. Returns how many entries were new.
local function follow(name)
  want('hash', NAME .. name)
  want('hash', LABEL .. name .. '@')
  local cid = redis.call('HGET', LABEL .. name .. '@', 'cid')
  if not cid or cid == pointer(name) then return 0 end
  want_name(name)
  want_entry(cid)
  if redis.call('EXISTS', ENTRY .. cid) == 0 then return 0 end
  index_label(name, '', cid)
  point(name, cid, { operation = 'commit' })
  return index_entry(cid)
end

-- {cid, name, schema_ref, data_urls, metadata, details, created_at_ms}, or false.
local function load_entry(cid)
  want('hash', ENTRY .. cid)
  want('hash', DETAILS .. cid)
  local e = redis.call('HMGET', ENTRY .. cid, 'name', 'schema_ref', 'data_urls', 'metadata')
  if not e[1] and redis.call('EXISTS', ENTRY .. cid) == 0 then return false end
  index_entry(cid)
  local d = redis.call('HMGET', DETAILS .. cid, 'details', 'created_at_ms')
  return { cid, e[1], e[2], e[3], e[4], d[1], d[2] }
end
