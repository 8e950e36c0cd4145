-- Points `to` where `from` points, and ends `from`. O(log n).
-- ARGV: from, to, if_revision (of from; '': any)
-- Returns the state of `to`, or a refusal.
local from, to, if_revision = unpack(ARGV)

want_name(from)
want_name(to)
follow(from)
follow(to)
local cid = pointer(from)
if not cid then return refuse('name.not_found', from) end
want_entry(cid)
local refusal = conflict(from, if_revision) or conflict(to, '0')
if refusal then return refusal end

point(to, cid, { operation = 'rename', renamed_from = from })
put_label(to, '', cid, '')
unpoint(from, { operation = 'rename', renamed_to = to })
if redis.call('HGET', ENTRY .. cid, 'name') == from then redis.call('HSET', ENTRY .. cid, 'name', to) end
return state(to)
