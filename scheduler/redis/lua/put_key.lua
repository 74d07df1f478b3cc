-- Keeps an API key, in the place of the version of it that the caller has seen. Keys whose time has
-- come are dropped on the way.
--
-- ARGV: id, record, time when it is forgotten or '', version that it replaces (0: a new key), most
--       keys
-- RETURNS: its new version; 'changed' when the key has another one than that; 'full'
-- FLAGS: allow-oom
-- BOUND: 10 forgotten keys

local id, record, forgotten, replaced, most = unpack(ARGV)

for _, old in ipairs(redis.call('ZRANGEBYSCORE', K.key_ends, '-inf', int(now), 'LIMIT', 0, 10)) do
  redis.call('ZREM', K.key_ends, old)
  redis.call('ZREM', K.keys, old)
  redis.call('HDEL', K.key_records, old)
end

if (redis.call('ZSCORE', K.keys, id) or '0') ~= replaced then return 'changed' end
if replaced == '0' and redis.call('ZCARD', K.keys) >= tonumber(most) then return 'full' end
local version = int(redis.call('HINCRBY', K.counters, 'key_version', 1))
redis.call('ZADD', K.keys, version, id)
redis.call('HSET', K.key_records, id, record)
if forgotten ~= '' then
  redis.call('ZADD', K.key_ends, forgotten, id)
else
  redis.call('ZREM', K.key_ends, id)
end
return version
