#!/bin/bash
# ioredis 6.0.0 against 5.8.2, Redis 7.0, seen 2026-11-28.
#
# Seen: redis.call("ZRANGE", …, "WITHSCORES") answers [["a","1.5"]], and redis.call("zrange", …, "WITHSCORES") answers
# ["a","1.5"]: in version 6 the letter case of the command's name decides the form of the reply. The same holds for
# ZRANGEBYSCORE, ZDIFF, ZUNION, HRANDFIELD … (ioredis 6 speaks RESP3 and turns replies back into their old form, but
# looks the command up by its name as it was written). In 5.8.2 all of them are flat, however they are written.
# With `protocol: 2` version 6 answers as version 5 did. HGETALL by call() is an object under its small name and an
# array under its capital one, in both versions.
#
# Guessed: Redis's command names know no letter case, so neither does what comes back; and version 6 keeps the old
# forms, as its methods (redis.zrange(…)) do. Code that reads pairs out of a flat list takes the first pair for a name.
set -eu
folder=$(mktemp -d); trap '[ -z "${redis:-}" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT; cd "$folder"
command -v redis-server >/dev/null || { apt-get update -qq && apt-get install -y -qq redis-server; } >/dev/null
npm init -y >/dev/null; npm install --silent --no-audit --no-fund ioredis5@npm:ioredis@5.8.2 ioredis6@npm:ioredis@6.0.0 >/dev/null 2>&1
export PORT=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
redis-server --port "$PORT" --save "" --dir "$folder" >/dev/null & redis=$!
cat > run.mjs <<'J'
import { Redis as Redis5 } from "ioredis5";
import { Redis as Redis6 } from "ioredis6";
const port = Number(process.env.PORT);
const clients = { "5.8.2": new Redis5(port), "6.0.0": new Redis6(port), "6.0.0 protocol 2": new Redis6({ port, protocol: 2 }) };
const seen = {};
for (const [version, redis] of Object.entries(clients)) {
  await redis.zadd("scores", 1.5, "a");
  await redis.hset("hash", "field", "value");
  const show = async (what, reply) => { seen[`${version}: ${what}`] = JSON.stringify(await reply); };
  await show("zrange()", redis.zrange("scores", 0, -1, "WITHSCORES"));
  await show('call("zrange")', redis.call("zrange", "scores", "0", "-1", "WITHSCORES"));
  await show('call("ZRANGE")', redis.call("ZRANGE", "scores", "0", "-1", "WITHSCORES"));
  await show('call("hrandfield")', redis.call("hrandfield", "hash", "1", "WITHVALUES"));
  await show('call("HRANDFIELD")', redis.call("HRANDFIELD", "hash", "1", "WITHVALUES"));
  await show('call("hgetall")', redis.call("hgetall", "hash"));
  await show('call("HGETALL")', redis.call("HGETALL", "hash"));
  if (version === "5.8.2") console.log((await redis.info("server")).match(/redis_version:\S+/)[0], `Node ${process.version}`);
  redis.disconnect();
}
for (const [what, reply] of Object.entries(seen)) console.log(what.padEnd(40), reply);
const flat = '["a","1.5"]';
const pair = '["field","value"]';
const expected = {};
for (const version of Object.keys(clients)) {
  const nested = version === "6.0.0";
  Object.assign(expected, {
    [`${version}: zrange()`]: flat,
    [`${version}: call("zrange")`]: flat,
    [`${version}: call("ZRANGE")`]: nested ? `[${flat}]` : flat,
    [`${version}: call("hrandfield")`]: pair,
    [`${version}: call("HRANDFIELD")`]: nested ? `[${pair}]` : pair,
    [`${version}: call("hgetall")`]: '{"field":"value"}',
    [`${version}: call("HGETALL")`]: pair,
  });
}
for (const [what, reply] of Object.entries(expected)) if (seen[what] !== reply) { console.log(`CHANGED: ${what}, was ${reply}`); process.exitCode = 1; }
J
node run.mjs
