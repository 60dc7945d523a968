/**
 * Scripts that the server runs in one act, in Lua 5.1. They make keys from prefixes in their arguments, which a single
 * server allows and a cluster does not.
 */

/**
 * KEYS: meta, ids. ARGV: record prefix, vector prefix, ai, a generation for a new memory, embedding model, dimension,
 * then for each record: id, text, source, time, tag of its run, step, number of pieces, their vectors. Answers "other",
 * model and dimension where the memory has another model or dimension, else "stored" and the ids that are new. A record
 * that the server itself has thrown out is new, though its id is still listed.
 */
export const putScript = `
local meta, ids = KEYS[1], KEYS[2]
local recordPrefix, vectorPrefix, ai, generation, model, dimension = unpack(ARGV, 1, 6)
local made = redis.call('HMGET', meta, 'embeddingModel', 'dimension', 'generation')
if made[1] then
  if made[1] ~= model or made[2] ~= dimension then return {'other', made[1], made[2]} end
  generation = made[3]
else
  redis.call('HSET', meta, 'format', '1', 'embeddingModel', model, 'dimension', dimension, 'generation', generation)
end
local stored = {'stored'}
local at = 7
while ARGV[at] do
  local id, pieces = ARGV[at], tonumber(ARGV[at + 6])
  if redis.call('EXISTS', recordPrefix .. id) == 0 then
    redis.call('HSET', recordPrefix .. id, 'text', ARGV[at + 1], 'source', ARGV[at + 2], 'time', ARGV[at + 3],
      'pieces:' .. generation, pieces)
    for piece = 0, pieces - 1 do
      redis.call('HSET', vectorPrefix .. dimension .. ':' .. ai .. ':' .. generation .. ':' .. id .. ':' .. piece,
        'vector', ARGV[at + 7 + piece], 'record', id, 'memory', generation, 'run', ARGV[at + 4], 'step', ARGV[at + 5])
    end
    redis.call('ZADD', ids, redis.call('HINCRBY', meta, 'sequence', 1), id)
    stored[#stored + 1] = id
  end
  at = at + 7 + pieces
end
return stored
`;

/**
 * KEYS: meta, ids. ARGV: record prefix, vector prefix, ai, ids. Removes records and their vectors, and the memory's own
 * keys with the last one. Answers how many records were there.
 */
export const removeScript = `
local meta, ids = KEYS[1], KEYS[2]
local recordPrefix, vectorPrefix, ai = unpack(ARGV, 1, 3)
local made = redis.call('HMGET', meta, 'dimension', 'generation')
local removed = 0
for at = 4, #ARGV do
  local id = ARGV[at]
  local pieces = tonumber(redis.call('HGET', recordPrefix .. id, 'pieces:' .. tostring(made[2])) or 0)
  for piece = 0, pieces - 1 do
    redis.call('UNLINK', vectorPrefix .. made[1] .. ':' .. ai .. ':' .. made[2] .. ':' .. id .. ':' .. piece)
  end
  redis.call('UNLINK', recordPrefix .. id)
  removed = removed + redis.call('ZREM', ids, id)
end
if redis.call('ZCARD', ids) == 0 then redis.call('UNLINK', meta) end
return removed
`;

/**
 * KEYS: meta, ids. ARGV: the last sequence number that was rebuilt and how many records there were, the new generation,
 * embedding model, dimension. Switches to the new vectors (1) unless records were added or removed meanwhile (0).
 */
export const switchScript = `
local meta, ids = KEYS[1], KEYS[2]
if redis.call('HGET', meta, 'sequence') ~= ARGV[1] or redis.call('ZCARD', ids) ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', meta, 'generation', ARGV[3], 'embeddingModel', ARGV[4], 'dimension', ARGV[5])
return 1
`;
