-- The models that were announced within `memory`, by id.
--
-- ARGV: worker timeout, memory
-- RETURNS: {{id, record, workers serving it now}...}
-- FLAGS: no-writes
-- BOUND: the pool's models (at most 100)

local timeout, memory = tonumber(ARGV[1]), tonumber(ARGV[2])
local ids = redis.call('ZRANGEBYSCORE', K.models, '(' .. int(now - memory), '+inf')
table.sort(ids)
local models = {}
for i, id in ipairs(ids) do
  models[i] = {id, redis.call('HGET', K.records, id) or '',
               redis.call('ZCOUNT', K.workers .. id, '(' .. int(now - timeout), '+inf')}
end
return models
