#!/bin/bash
# zod 4.3.6 against 4.4.0 and 4.6.7, seen 2026-11-28.
#
# Seen: up to 4.3 an object passes without a key whose schema is z.unknown(), z.any(), z.undefined(), or a union with
# undefined, as it did in zod 3. From 4.4.0 on, a minor release inside every "^4" range, the same object is refused with
# "Invalid input: expected nonoptional, received undefined". Only .optional() (and .default()) still allow the key to be
# missing. TypeScript sees nothing: the code compiles as before.
#
# Guessed: "unknown" accepts whatever comes, so also nothing; and what passes in 4.3 passes in 4.4. Journals, settings
# and answers of servers that were read for years stop being read after `npm update`. Write z.unknown().optional().
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod43@npm:zod@4.3.6 zod44@npm:zod@4.4.0 zod46@npm:zod@4.6.7 >/dev/null 2>&1
cat > run.cjs <<'J'
console.log(`Node ${process.version}`);
const seen = {};
for (const name of ["zod43", "zod44", "zod46"]) {
  const { z } = require(name);
  const { version } = require(`${name}/package.json`);
  const kinds = { unknown: z.unknown(), any: z.any(), undefined: z.undefined(), "union with undefined": z.union([z.string(), z.undefined()]), "unknown optional": z.unknown().optional() };
  for (const [kind, schema] of Object.entries(kinds)) {
    const result = z.object({ key: schema }).safeParse({});
    seen[`${version} ${kind}`] = result.success;
    console.log(version, kind.padEnd(22), result.success ? "{} is taken" : `{} is refused: ${result.error.issues[0].message}`);
  }
}
const expected = (version, kind) => version === "4.3.6" || kind === "unknown optional";
for (const [name, taken] of Object.entries(seen)) {
  const [version, ...kind] = name.split(" ");
  if (taken !== expected(version, kind.join(" "))) { console.log(`CHANGED: ${name}`); process.exitCode = 1; }
}
J
node run.cjs
