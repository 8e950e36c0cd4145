-- Takes away the marks that are as they were seen. O(log n) for each.
-- ARGV: url, state, at_ms, url, …
-- Returns how many.
want_marks()
local taken = 0
for i = 1, #ARGV, 3 do
  if mark_of(ARGV[i]) == ARGV[i + 1] .. ' ' .. ARGV[i + 2] then
    remove_mark(ARGV[i])
    taken = taken + 1
  end
end
return taken
