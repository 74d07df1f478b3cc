-- The workers that are there, by id.
--
-- ARGV: worker timeout
-- RETURNS: {{id, record, wish, time of the last report}...}
-- FLAGS: no-writes
-- BOUND: the pool's workers (at most 100)

local rows = redis.call('ZRANGEBYSCORE', K.fleet, '(' .. int(now - tonumber(ARGV[1])), '+inf',
                        'WITHSCORES')
local workers = {}
for i = 1, #rows, 2 do
  local id = rows[i]
  workers[#workers + 1] = {id, redis.call('HGET', K.worker_records, id) or '',
                           redis.call('HGET', K.wishes, id) or 'serve',
                           int(tonumber(rows[i + 1]))}
end
table.sort(workers, function(a, b) return a[1] < b[1] end)
return workers
