-- The entry a name pointed to at a revision, or after the last step not later than a time. O(log n) in the steps of the name.
-- ARGV: name, 'revision' or 'time', the revision or the milliseconds
-- Returns {revision, entry}, or nil.
local name, kind, value = ARGV[1], ARGV[2], tonumber(ARGV[3])

want('zset', HISTORY .. name)
follow(name)
local history = HISTORY .. name
local function step_at(rank)
  local found = redis.call('ZRANGE', history, rank, rank, 'WITHSCORES')
  return cjson.decode(found[1]), tonumber(found[2])
end

local step, revision
if kind == 'revision' then
  local found = redis.call('ZRANGEBYSCORE', history, value, value)[1]
  step, revision = found and cjson.decode(found), value
else
  -- Half-open: all ranks before low are not later than the time, all from high on are.
  local low, high = 0, redis.call('ZCARD', history)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if step_at(middle).at_ms <= value then low = middle + 1 else high = middle end
  end
  if low > 0 then step, revision = step_at(low - 1) end
end
if not step or not step.cid then return nil end
return { revision, load_entry(step.cid) }
