-- Cancels a queued job, or asks the worker of a running one to stop.
--
-- ARGV: tenant, id, retention
-- RETURNS: snapshot, or nil when the tenant has no such job
-- FLAGS: allow-oom
-- BOUND: constant

local tenant, id, retention = ARGV[1], ARGV[2], tonumber(ARGV[3])
local job = read_job(id)
if not job or job.tenant ~= tenant then return false end
if job.state == 'QUEUED' then
  dequeue(job)
  set(job, 'cancel', 1)
  finish(job, 'CANCELLED', retention)
  save(job)
elseif job.state == 'RUNNING' and job.cancel ~= '1' then
  redis.call('HSET', K.job .. id, 'cancel', 1)
  redis.call('PUBLISH', K.channel .. id, 'cancel')
end
return snapshot(id)
