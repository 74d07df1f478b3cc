-- Says that a worker ends.
--
-- ARGV: worker
-- RETURNS: 'ok'
-- FLAGS: allow-oom
-- BOUND: constant

redis.call('ZREM', K.fleet, ARGV[1])
redis.call('HDEL', K.worker_records, ARGV[1])
redis.call('HDEL', K.wishes, ARGV[1])
return 'ok'
