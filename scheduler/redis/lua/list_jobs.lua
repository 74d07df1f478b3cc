-- A page of a tenant's jobs, newest first. Index entries of forgotten jobs are dropped on the way,
-- so a page can be short without being the last.
--
-- ARGV: tenant, highest order as a range end ('+inf' or '(n'), limit
-- RETURNS: {order of the last job looked at, or '' on the last page; snapshot...}
-- FLAGS: allow-oom
-- BOUND: limit (at most 100) jobs

local tenant, highest, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local index = redis.call('ZREVRANGEBYSCORE', K.tenant .. tenant, highest, '-inf', 'WITHSCORES',
                         'LIMIT', 0, limit + 1)
local page = {''}
for i = 1, math.min(#index, 2 * limit), 2 do
  local id = index[i]
  if redis.call('EXISTS', K.job .. id) == 1 then
    page[#page + 1] = snapshot(id)
  else
    redis.call('ZREM', K.tenant .. tenant, id)
  end
end
if #index > 2 * limit then page[1] = index[2 * limit] end
return page
