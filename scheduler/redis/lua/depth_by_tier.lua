-- What waits of each tier, by name, and of it for each model, by name: of the models the jobs in the
-- flows of the heads that are looked at.
--
-- ARGV: none
-- RETURNS: {{tier, weight, queued, cost of the queued, time when the oldest job was submitted or '',
--           {model, queued, time when its oldest job was submitted...}}...}
-- FLAGS: no-writes
-- BOUND: 100 heads of each tier that has work

-- Model → its jobs, its oldest head and when that was submitted. The order comes first in a head's
-- name.
local function models_of(tier)
  local models = {}
  for _, head in ipairs(redis.call('ZRANGE', K.heads .. tier, 0, 99)) do
    local id, tenant = string.match(head, '^%d+:([^:]*):(.*)$')
    local job = redis.call('HMGET', K.job .. id, 'model', 'submitted')
    local model = job[1]
    if model then
      local jobs = redis.call('ZCARD', K.queue .. tier .. ':' .. model .. ':' .. tenant)
      local known = models[model]
      if not known then
        models[model] = {jobs = jobs, head = head, submitted = job[2]}
      else
        known.jobs = known.jobs + jobs
        if head < known.head then known.head, known.submitted = head, job[2] end
      end
    end
  end
  return models
end

local rows = redis.call('HGETALL', K.tiers)
local depths = {}
for i = 1, #rows, 2 do
  local tier = rows[i]
  local models, names, oldest, listed = models_of(tier), {}, nil, {}
  for name, model in pairs(models) do
    names[#names + 1] = name
    if not oldest or model.head < oldest.head then oldest = model end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    listed[#listed + 1] = name
    listed[#listed + 1] = models[name].jobs
    listed[#listed + 1] = models[name].submitted or ''
  end
  depths[#depths + 1] = {tier, redis.call('HGET', K.weights, tier) or '1', rows[i + 1],
                         redis.call('HGET', K.costs, tier) or '0',
                         oldest and oldest.submitted or '', listed}
end
table.sort(depths, function(a, b) return a[1] < b[1] end)
return depths
