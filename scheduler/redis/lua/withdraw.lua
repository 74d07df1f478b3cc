-- Says that a worker stops.
--
-- ARGV: worker
-- RETURNS: 'ok'
-- FLAGS: allow-oom
-- BOUND: the pool's models (at most 100)

for _, id in ipairs(redis.call('ZRANGE', K.models, 0, -1)) do
  redis.call('ZREM', K.workers .. id, ARGV[1])
end
return 'ok'
