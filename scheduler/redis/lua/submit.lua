-- Accepts a job: its hash, its place in the queue, its events 1 (accepted) and 2 (queued). Or only
-- says what would come of that.
--
-- ARGV: id, tenant, model, spec, cost, deadline or '', digest, request key or '', most queued jobs,
--       tier, its weight, most queued and most leased jobs of the tenant (0: any number), device
--       time that the tenant may submit in a day or '', version of the spec, '1' to foresee and ''
--       to accept, traceparent or ''
-- RETURNS: {'created', snapshot}; {'existing', snapshot} when the request key or the id is known
--          with the same tenant and digest; {'reused'} when with others; {'pool_full'},
--          {'tenant_full'}, {'daily', time until the next day}; {'foreseen', snapshot} with an empty
--          id
-- BOUND: constant

local id, tenant, model, spec, cost, deadline, digest, request, most = unpack(ARGV)
local tier, weight, most_of_tenant, most_running, daily, version, foresee,
      traceparent = unpack(ARGV, 10)
local DAY = 24 * 3600 * 1000000

local function existing(earlier)
  local job = redis.call('HMGET', K.job .. earlier, 'tenant', 'digest')
  if job[1] ~= tenant or job[2] ~= digest then return {'reused'} end
  return {'existing', snapshot(earlier)}
end

if request ~= '' then
  local earlier = redis.call('GET', K.request .. request)
  if earlier and redis.call('EXISTS', K.job .. earlier) == 1 then return existing(earlier) end
end
if redis.call('EXISTS', K.job .. id) == 1 then return existing(id) end
if tonumber(most) > 0 and redis.call('ZCARD', K.queued) >= tonumber(most) then
  return {'pool_full'}
end
if tonumber(most_of_tenant) > 0 and
    tonumber(redis.call('HGET', K.waiting, tenant) or '0') >= tonumber(most_of_tenant) then
  return {'tenant_full'}
end
local day = int(quotient(now, DAY))
if daily ~= '' then
  local used = tonumber(redis.call('HGET', K.usage .. day, tenant) or '0')
  if used + tonumber(cost) > tonumber(daily) then return {'daily', int(DAY - now % DAY)} end
end

if foresee == '1' then
  -- In and out of the queue again, which nobody sees: so its place is what a job's would be.
  local job = {id = id, tier = tier, model = model, tenant = tenant, cost = tonumber(cost),
               weight = tonumber(weight), flow = K.queue .. tier .. ':' .. model .. ':' .. tenant,
               order = tonumber(redis.call('HGET', K.counters, 'order') or '0') + 1}
  local position, ahead = place(job, attach(job))
  detach(job)
  local fields = {'tenant', tenant, 'tier', tier, 'model', model, 'spec', spec, 'cost', cost,
                  'version', version}
  return {'foreseen', snapshot_of('', fields, position, ahead)}
end

local order = redis.call('HINCRBY', K.counters, 'order', '1')
local fields = {'tenant', tenant, 'model', model, 'spec', spec, 'cost', cost, 'digest', digest,
                'order', int(order), 'submitted', int(now), 'fence', '0', 'attempts', '0',
                'crashes', '0', 'cancel', '0', 'lease_end', '', 'tier', tier, 'weight', weight,
                'max_running', most_running, 'version', version}
local function with(field, value)
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end
if daily ~= '' then
  with('day', day)
  redis.call('HINCRBY', K.usage .. day, tenant, cost)
  redis.call('PEXPIREAT', K.usage .. day, int((tonumber(day) + 2) * DAY / 1000))
end
if deadline ~= '' then with('deadline', deadline) end
if traceparent ~= '' then with('traceparent', traceparent) end
if request ~= '' then
  with('request', request)
  redis.call('SET', K.request .. request, id)
end
redis.call('ZADD', K.tenant .. tenant, order, id)
local job = {id = id, tenant = tenant, model = model, order = order, cost = tonumber(cost),
             tier = tier, weight = tonumber(weight), deadline = deadline ~= '' and deadline or nil,
             sequence = 1, flow = K.queue .. tier .. ':' .. model .. ':' .. tenant,
             changes = fields}
log(id, 1, 'accepted')
local position, ahead = enqueue(job, '0')
save(job)
return {'created', snapshot_of(id, fields, position, ahead)}
