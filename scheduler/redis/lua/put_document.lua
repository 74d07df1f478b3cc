-- Keeps a document for `memory` from now. Of more than `most` those that were put first go.
--
-- ARGV: digest, bytes, memory, most documents
-- RETURNS: 'ok'
-- BOUND: 1 document that goes

local digest, bytes, memory, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local key = K.document .. digest

-- What is there is not written again: that would go through the log and to every replica.
if redis.call('EXISTS', key) == 0 then redis.call('SET', key, bytes) end
redis.call('PEXPIRE', key, int(memory / 1000))
redis.call('ZADD', K.documents, int(now), digest)
redis.call('ZREMRANGEBYSCORE', K.documents, '-inf', int(now - memory))
if redis.call('ZCARD', K.documents) > most then
  local oldest = redis.call('ZRANGE', K.documents, 0, 0)[1]
  redis.call('ZREM', K.documents, oldest)
  redis.call('DEL', K.document .. oldest)
end
return 'ok'
