-- One page of marks, from the oldest. O(log n + page).
-- ARGV: lower bound of at_ms in 15 digits and url, for how many milliseconds marks must be as they are (0: all), how many
-- Returns {url, mark} pairs in one flat array.
local min, older_than_ms, limit = unpack(ARGV)

want_marks()
local max = older_than_ms == '0' and '+' or '(' .. digits(math.max(now_ms() - older_than_ms + 1, 0))
local page = {}
for i, member in ipairs(redis.call('ZRANGEBYLEX', GARBAGE, min, max, 'LIMIT', 0, limit)) do
  local url = string.sub(member, 16)
  page[2 * i - 1], page[2 * i] = url, mark_of(url)
end
return page
