-- Marks on objects that nothing needs, for all scripts. MARKS: url to "state at_ms". GARBAGE: at_ms in 15 digits and the url, in byte order.

local function want_marks()
  want('hash', MARKS)
  want('zset', GARBAGE)
end

local function mark_of(url)
  return redis.call('HGET', MARKS, url)
end

local function digits(at_ms)
  return string.format('%015.0f', at_ms)
end

local function put_mark(url, state, at_ms)
  redis.call('HSET', MARKS, url, state .. ' ' .. string.format('%.0f', at_ms))
  redis.call('ZADD', GARBAGE, 0, digits(at_ms) .. url)
end

local function remove_mark(url)
  local at_ms = string.match(mark_of(url), '%d+$')
  redis.call('HDEL', MARKS, url)
  if at_ms then redis.call('ZREM', GARBAGE, digits(at_ms) .. url) end
end

-- Of these objects.
local function those_deleting(urls)
  local deleting = {}
  for _, url in ipairs(urls) do
    local mark = mark_of(url)
    if mark and string.find(mark, '^deleting') then deleting[#deleting + 1] = url end
  end
  return deleting
end

-- Something needs these objects, and none of them is being deleted.
local function take_marks_back(urls)
  for _, url in ipairs(urls) do
    if mark_of(url) then remove_mark(url) end
  end
end
