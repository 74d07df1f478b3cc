-- Cancels a queued job, or asks the worker of a running one to stop.
--
-- ARGV: tenant, id, retention
-- RETURNS: snapshot, or nil when the tenant has no such job
-- BOUND: constant

local tenant, id, retention = ARGV[1], ARGV[2], tonumber(ARGV[3])
local job = redis.call('HMGET', K.job .. id, 'tenant', 'state', 'cancel')
if job[1] ~= tenant then return false end
if job[2] == 'QUEUED' then
  dequeue(fair_job(id))
  redis.call('HSET', K.job .. id, 'cancel', 1)
  finish(id, 'CANCELLED', retention)
elseif job[2] == 'RUNNING' and job[3] ~= '1' then
  redis.call('ZREM', K.queued, id)  -- removes nothing: opens the way under memory pressure
  redis.call('HSET', K.job .. id, 'cancel', 1)
  redis.call('PUBLISH', K.channel .. id, 'cancel')
end
return snapshot(id)
