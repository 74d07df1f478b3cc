-- An API key.
--
-- ARGV: id
-- RETURNS: {id, version, time when it is forgotten or '', record}; nil when there is none
-- FLAGS: no-writes
-- BOUND: constant

local id = ARGV[1]
local version = redis.call('ZSCORE', K.keys, id)
local forgotten = redis.call('ZSCORE', K.key_ends, id) or ''
if not version or (forgotten ~= '' and tonumber(forgotten) <= now) then return false end
return {id, version, forgotten, redis.call('HGET', K.key_records, id) or ''}
