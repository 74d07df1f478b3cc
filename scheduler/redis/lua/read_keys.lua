-- The API keys that were changed after a version, in that order.
--
-- ARGV: version, limit
-- RETURNS: {version of the last change of any key, {as get_key}...}
-- FLAGS: no-writes
-- BOUND: limit (at most 100) keys

local rows = redis.call('ZRANGEBYSCORE', K.keys, '(' .. ARGV[1], '+inf', 'WITHSCORES',
                        'LIMIT', 0, ARGV[2])
local page = {redis.call('HGET', K.counters, 'key_version') or '0'}
for i = 1, #rows, 2 do
  local id = rows[i]
  page[#page + 1] = {id, rows[i + 1], redis.call('ZSCORE', K.key_ends, id) or '',
                     redis.call('HGET', K.key_records, id) or ''}
end
return page
