-- O(log n) for each.
-- ARGV: urls
-- Returns how many had no mark.
want_marks()
local now, marked = now_ms(), 0
for _, url in ipairs(ARGV) do
  if not mark_of(url) then
    put_mark(url, 'marked', now)
    marked = marked + 1
  end
end
return marked
