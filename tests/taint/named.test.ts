import assert from "node:assert/strict";
import { test } from "node:test";
import { namedIn } from "../../src/taint/named.js";

const named = (text: string) => {
  const { addresses, hosts, mails } = namedIn(text);
  return { addresses: addresses.map(({ href }) => href), hosts, mails };
};

for (const [text, expected] of [
  ["Read https://a.example/b?c=1, then stop.", { addresses: ["https://a.example/b?c=1"] }],
  ["(see https://a.example/b_(c))", { addresses: ["https://a.example/b_(c)"] }],
  ["Look at example.org and www.b.example.", { hosts: ["example.org", "www.b.example"] }],
  [
    "Ask 127.0.0.1:8080 and localhost:3000/x",
    { hosts: ["127.0.0.1:8080", "localhost:3000/x"], addresses: ["https://localhost:3000/x"] },
  ],
  ["Send README.md and main.py to ada@example.org.", { mails: ["ada@example.org"] }],
  ["docs.rs/serde is a page", { hosts: ["docs.rs/serde"], addresses: ["https://docs.rs/serde"] }],
  ["Version 1.2.3.4 of it, 3.5 times", { hosts: ["1.2.3.4"] }],
  ["Nothing is named here, e.g. nothing.", {}],
] as const)
  test(`what is named in ${JSON.stringify(text)}`, () => {
    for (const whole of [text, `Größe → ${text} “ſ”`])
      assert.deepEqual(named(whole), { addresses: [], hosts: [], mails: [], ...expected }, whole);
  });
