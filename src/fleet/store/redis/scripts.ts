/** Only the holder of the epoch may write; the answer of a script where it is not: nothing was written then. */
export const lostAnswer = "lost";

const isHolder = `if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[1] then return "${lostAnswer}" end\n`;
const now = `local t = redis.call("TIME")\nlocal now = t[1] * 1000 + math.floor(t[2] / 1000)\n`;

/**
 * Makes what a run has cost and may still cost `amount`, and the sum over all runs what it is then; false where `isLimited` and that would
 * be too much. It begins with a write that a full server refuses: nothing else of a script is done then.
 */
const charge = `
local function charge(run, budget, amount, isLimited)
  local change = amount - tonumber(redis.call("HGET", run, "nano") or "0")
  if isLimited and change > 0 then
    local limit = redis.call("HGET", budget, "limit")
    local spent = tonumber(redis.call("HGET", budget, "spent") or "0")
    if limit and spent + change > tonumber(limit) then return false end
  end
  redis.call("HSET", run, "nano", string.format("%.0f", amount))
  if change ~= 0 then redis.call("HINCRBY", budget, "spent", string.format("%.0f", change)) end
  return true
end\n`;

/** KEYS: run, budget. ARGV: epoch, amount. 1 where the budget allows it. */
export const reserveScript = `${isHolder}${charge}
if charge(KEYS[1], KEYS[2], tonumber(ARGV[2]), true) then return 1 end
return 0`;

/** KEYS: run, names. ARGV: name, order, status. 1 where it was added. */
export const createScript = `
if redis.call("EXISTS", KEYS[1]) == 1 then return 0 end
redis.call("HSET", KEYS[1], "order", ARGV[2], "status", ARGV[3], "epoch", "0", "until", "0", "holder", "")
redis.call("SADD", KEYS[2], ARGV[1])
return 1`;

/** KEYS: run. ARGV: holder, milliseconds. The new epoch, 0 where somebody else has the run, -1 where there is none. */
export const acquireScript = `
if redis.call("EXISTS", KEYS[1]) == 0 then return -1 end
${now}
if tonumber(redis.call("HGET", KEYS[1], "until")) > now then return 0 end
redis.call("HSET", KEYS[1], "holder", ARGV[1], "until", string.format("%.0f", now + ARGV[2]))
return redis.call("HINCRBY", KEYS[1], "epoch", 1)`;

/** KEYS: run. ARGV: epoch, milliseconds. */
export const renewScript = `${isHolder}${now}
redis.call("HSET", KEYS[1], "until", string.format("%.0f", now + ARGV[2]))
return "ok"`;

/** KEYS: run. ARGV: epoch. */
export const releaseScript = `${isHolder}redis.call("HSET", KEYS[1], "until", "0")\nreturn "ok"`;

/** KEYS: run, contents. ARGV: epoch, then hash and bytes in turn. */
export const putScript = `${isHolder}
for i = 2, #ARGV, 2 do redis.call("HSET", KEYS[2], ARGV[i], ARGV[i + 1]) end
return "ok"`;

/**
 * KEYS: run, lines, files, contents, budget. ARGV: epoch, status or "", number of the first line, how many lines, files and dropped
 * contents, what the run has cost and may still cost; then these, a file as its path and its entry, or "". What is refused is refused before anything is written.
 */
export const commitScript = `${isHolder}${charge}
local from, lines, files, dropped = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local at = 8
local isThere = false
if lines > 0 then
  local there = redis.call("LLEN", KEYS[2])
  isThere = there == from + lines - 1 and redis.call("LINDEX", KEYS[2], -1) == ARGV[at + lines - 1]
  if there ~= from - 1 and not isThere then return "${lostAnswer}" end
end
charge(KEYS[1], KEYS[5], tonumber(ARGV[7]), false)
if not isThere then
  for i = at, at + lines - 1 do redis.call("RPUSH", KEYS[2], ARGV[i]) end
end
at = at + lines
for i = 1, files do
  if ARGV[at + 1] == "" then redis.call("HDEL", KEYS[3], ARGV[at])
  else redis.call("HSET", KEYS[3], ARGV[at], ARGV[at + 1]) end
  at = at + 2
end
for i = 1, dropped do redis.call("HDEL", KEYS[4], ARGV[at + i - 1]) end
if ARGV[2] ~= "" then redis.call("HSET", KEYS[1], "status", ARGV[2]) end
return "ok"`;

/** KEYS: shared. ARGV: name, whether there is a text before, that text, the new one. 1 where it was replaced. */
export const replaceSharedScript = `
local before = redis.call("HGET", KEYS[1], ARGV[1])
if ARGV[2] == "1" and before ~= ARGV[3] or ARGV[2] == "0" and before then return 0 end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[4])
return 1`;

/** KEYS: shared. ARGV: name. The text, and the time in milliseconds. */
export const sharedScript = `${now}
return {redis.call("HGET", KEYS[1], ARGV[1]), string.format("%.0f", now)}`;

/** KEYS: run. ARGV: status. 1 where nobody works on the run. */
export const statusScript = `
if redis.call("EXISTS", KEYS[1]) == 0 then return 0 end
${now}
if tonumber(redis.call("HGET", KEYS[1], "until")) > now then return 0 end
redis.call("HSET", KEYS[1], "status", ARGV[1])
return 1`;

/** KEYS: workers. ARGV: name, milliseconds, facts. Those that were not heard of for longer are forgotten. */
export const announceScript = `${now}
local all = redis.call("HGETALL", KEYS[1])
redis.call("HSET", KEYS[1], ARGV[1], string.format("%.0f ", now + ARGV[2]) .. ARGV[3])
for i = 1, #all, 2 do
  local untilMs = tonumber(string.match(all[i + 1], "^%d+"))
  if all[i] ~= ARGV[1] and (not untilMs or untilMs <= now) then redis.call("HDEL", KEYS[1], all[i]) end
end
return "ok"`;

/** KEYS: workers. The facts of those that are there. */
export const workersScript = `${now}
local found = {}
for _, text in ipairs(redis.call("HVALS", KEYS[1])) do
  local untilMs, facts = string.match(text, "^(%d+) (.*)$")
  if untilMs and tonumber(untilMs) > now then found[#found + 1] = facts end
end
return found`;
