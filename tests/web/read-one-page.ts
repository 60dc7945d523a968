// Reads https://HOST:PORT/ through the guard, which is opened for it, and prints its text or what was wrong.
import { collected } from "../../src/web/fetch/unpacked.js";
import { guardedFetch } from "../../src/web/fetch/guarded-fetch.js";
import { createGuard } from "../../src/web/guard/guard.js";

const [place = ""] = process.argv.slice(2);
const guard = createGuard({ allowedHosts: [place], proxies: {}, connectMs: 2_000 });
const options = {
  userAgent: "test",
  accept: "*/*",
  timeoutMs: 60_000,
  mostBytes: 1000,
  signal: new AbortController().signal,
};
const text = await guardedFetch(guard, guard.check(`https://${place}/`), options, async ({ body }) =>
  (await collected(body)).toString(),
).catch((thrown: Error) => thrown.message);
console.log(text);
