-- The id of this registry; the one given if it has none yet. O(1).
-- ARGV: a fresh one
want('string', REGISTRY)
if redis.call('EXISTS', REGISTRY) == 0 then redis.call('SET', REGISTRY, ARGV[1]) end
return redis.call('GET', REGISTRY)
