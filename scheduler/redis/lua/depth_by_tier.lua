-- What waits of each tier, by name.
--
-- ARGV: none
-- RETURNS: {{tier, weight, queued, cost of the queued, time when the oldest job was submitted or ''}
--          ...}
-- FLAGS: no-writes
-- BOUND: 100 heads of each tier that has work

local rows = redis.call('HGETALL', K.tiers)
local depths = {}
for i = 1, #rows, 2 do
  local tier = rows[i]
  local oldest  -- the order comes first in a head's name
  for _, head in ipairs(redis.call('ZRANGE', K.heads .. tier, 0, 99)) do
    if not oldest or head < oldest then oldest = head end
  end
  local submitted = ''
  if oldest then
    submitted = redis.call('HGET', K.job .. string.match(oldest, '^%d+:([^:]*):'), 'submitted') or ''
  end
  depths[#depths + 1] = {tier, redis.call('HGET', K.weights, tier) or '1', rows[i + 1],
                         redis.call('HGET', K.costs, tier) or '0', submitted}
end
table.sort(depths, function(a, b) return a[1] < b[1] end)
return depths
