-- ARGV: id
-- Returns the journal, or nil.
return load_ingest(ARGV[1])
