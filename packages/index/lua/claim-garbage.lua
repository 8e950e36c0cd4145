-- What is as it was seen becomes `deleting`, or stays it and is claimed anew. O(log n) for each.
-- ARGV: url, state, at_ms, url, …
-- Returns {url, mark} pairs of those, in one flat array.
want_marks()
local now, claimed = now_ms(), {}
for i = 1, #ARGV, 3 do
  local url, state, at_ms = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if mark_of(url) == state .. ' ' .. at_ms then
    remove_mark(url)
    -- A claim is never the one before, also if the clock stands still.
    put_mark(url, 'deleting', math.max(now, at_ms + 1))
    claimed[#claimed + 1] = url
    claimed[#claimed + 1] = mark_of(url)
  end
end
return claimed
