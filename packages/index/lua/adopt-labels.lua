-- Indexes labels that atdata wrote, and names that unversioned ones move. O(log n) each.
-- ARGV: keys of labels
-- Returns how many labels, and entries that names moved to, were new.
local new = 0
for _, key in ipairs(ARGV) do
  want('hash', key)
  local label = redis.call('HMGET', key, 'name', 'version', 'cid')
  local name, version, cid = label[1], label[2], label[3]
  if name and version and cid and LABEL .. name .. '@' .. version == key then
    want_name(name)
    if not redis.call('ZSCORE', LABELS, name .. NUL .. version) then
      index_label(name, version, cid)
      new = new + 1
    end
    if version == '' then new = new + follow(name) end
  end
end
return new
