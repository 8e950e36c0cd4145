-- ARGV: cid
-- Returns the entry, or nil. O(1).
return load_entry(ARGV[1])
