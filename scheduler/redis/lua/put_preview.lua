-- Keeps the newest preview of an image of a job that the worker holds.
--
-- ARGV: id, fence, image, JPEG
-- RETURNS: 'ok' or 'lost'
-- BOUND: constant

local id, fence, image, jpeg = unpack(ARGV)
if not holds(id, fence) then return 'lost' end
redis.call('HSET', K.previews .. id, image, jpeg)
return 'ok'
