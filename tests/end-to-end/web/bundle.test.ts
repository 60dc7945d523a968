import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { makePdf } from "../../support/documents/documents.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType } from "../../support/program.js";
import { article, bytes, html, redirect, startNames, startSite, type Route } from "../../support/services/site.js";
import { scriptedWorld } from "../support/scripted-world.js";

// What reads pages lies in files of its own in the bundle; every kind of page goes through them once.

/** Browses these addresses one after the other; gives what came of each, and what was asked of the page. */
async function browsed(t: TestContext, urls: readonly string[], env: Record<string, string>) {
  const asked: string[] = [];
  const thoughts = urls.map((url) => reply("browse_website", { url, question: "What is it?" }));
  const world = await scriptedWorld(
    t,
    ({ body }) => {
      if (!(body?.messages[0]?.content ?? "").startsWith("You read texts from the web"))
        return thoughts.shift() ?? reply("task_complete");
      asked.push(body?.messages.at(-1)?.content ?? "");
      return "An answer.";
    },
    { env: { BROWSE_TIMEOUT: "4", ...env } },
  );
  const started = Date.now();
  const { code, stderr } = await world.run(["--continuous"]);
  assert.equal(code, 0, stderr);
  const events = await world.journal();
  const results = eventsOfType(events, "step-end").map(({ result }) => result.text);
  return { asked, results, ms: Date.now() - started };
}

const words = (hex: string): Buffer =>
  Buffer.concat(
    ["<html><body><p>", ...new Array<string>(40).fill(hex), "</p></body></html>"].map((part) =>
      Buffer.from(part, part === hex ? "hex" : "latin1"),
    ),
  );
const endless: Route = (_request, response) => {
  response.writeHead(200, { "content-type": "text/html" });
  const pump = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(1 << 16, "word ")));
    if (!response.destroyed) response.once("drain", pump);
  };
  pump();
};
const drip: Route = (_request, response) => {
  response.writeHead(200, { "content-type": "text/html" });
  const timer = setInterval(() => response.write("x"), 100);
  response.once("close", () => clearInterval(timer));
};

test("the program reads every kind of page, and says what is wrong with those that cannot be read", async (t) => {
  const type = { "content-type": "text/html" };
  const pages: Record<string, [Route, RegExp]> = {
    "/static": [html(article("heron")), /The heron is described/],
    "/302": [redirect("/second"), /The far end is described/],
    "/br": [
      bytes(brotliCompressSync(article("dense")), { ...type, "content-encoding": "br" }),
      /The dense is described/,
    ],
    "/guessed": [bytes(words("c4e3bac3a3accac0bde7a1a3"), type), /你好，世界。/],
    "/pdf": [bytes(makePdf("A heron in the PDF"), { "content-type": "application/pdf" }), /A heron in the PDF/],
    "/json": [bytes(Buffer.from('{"bird":"heron"}'), { "content-type": "application/json" }), /\{"bird":"heron"\}/],
  };
  const faults: Record<string, [Route, RegExp]> = {
    "/endless": [endless, /Error: .*larger than 5 MB/],
    "/drip": [drip, /Error: .*took longer than 4 seconds/],
    "/loop": [redirect("/loop"), /Error: .*redirects more than 10 times/],
    "/bomb": [
      bytes(gzipSync(Buffer.alloc(100 << 20)), { ...type, "content-encoding": "gzip" }),
      /Error: .*larger than 5 MB/,
    ],
    "/404": [html("no", 404), /Error: HTTP 404 error/],
    "/out": [redirect("http://127.0.0.1:1/"), /Error: .*127\.0\.0\.1 is refused/],
  };
  const all = Object.entries({ ...pages, ...faults });
  const site = await startSite(t, {
    ...Object.fromEntries(all.map(([path, [route]]) => [path, route])),
    "/second": redirect("third"),
    "/third": html(article("far end")),
  });
  const urls = all.map(([path]) => site.url + path);
  const { asked, results, ms } = await browsed(t, urls, { BROWSE_ALLOWED_PRIVATE_HOSTS: site.host, BROWSER: "never" });
  for (const [index, [path, [, expected]]] of Object.entries(pages).entries()) {
    assert.match(asked[index] ?? "", expected, path);
    assert.match(results[index] ?? "", /^Command browse_website returned: Answer gathered from website .*An answer\./s);
  }
  const count = Object.keys(pages).length;
  assert.equal(asked.length, count);
  for (const [index, [path, [, expected]]] of Object.entries(faults).entries())
    assert.match(results[count + index] ?? "", expected, path);
  t.diagnostic(`${urls.length} pages in ${ms} ms`);
});

test("a name that resolves into this machine is refused by the program, in the browser as well", async (t) => {
  const site = await startSite(t, { "*": article("inner") });
  const names = await startNames(t, () => ["127.0.0.1"]);
  for (const browser of ["never", "always"]) {
    const urls = [`http://rebound.example:${site.port}/`, `http://2130706433:${site.port}/`];
    // The guard holds by itself, whatever else holds such a call back.
    const { results } = await browsed(t, urls, { DNS_SERVER: names.server, BROWSER: browser, TAINT: "off" });
    for (const result of results.slice(0, 2)) assert.match(result, /Error: .*is refused: it lies in a private network/);
  }
  assert.ok(names.asked.includes("rebound.example"));
  assert.equal(site.connections(), 0);
});

/** One search with these settings; what the program made of it. */
async function searched(t: TestContext, env: Record<string, string>): Promise<string> {
  const world = await scriptedWorld(t, [reply("google", { input: "herons" }), reply("task_complete")], { env });
  const { code, stderr } = await world.run(["--continuous"]);
  assert.equal(code, 0, stderr);
  return eventsOfType(await world.journal(), "step-end")[0]?.result.text ?? "";
}

test("the program asks every search engine, and goes on to the next where one throttles", async (t) => {
  const json = (body: unknown): Route =>
    bytes(Buffer.from(JSON.stringify(body)), { "content-type": "application/json" });
  const [title, url] = ["A heron", "https://birds.example/heron"];
  const site = await startSite(t, {
    "/customsearch/v1": json({ items: [{ title, link: url, snippet: "It stands." }] }),
    "/res/v1/web/search": json({ web: { results: [{ title, url, description: "It stands." }] } }),
    "/search": json({ results: [{ title, url, content: "It stands." }] }),
  });
  const busy = await startSite(t, { "*": html("later", 429) });
  const whole = `Command google returned: ${JSON.stringify([{ title, href: url, body: "It stands." }], null, 4)}`;
  const links = `Command google returned: ${JSON.stringify([url], null, 4)}`;
  const google = { GOOGLE_API_KEY: "google-key-1", CUSTOM_SEARCH_ENGINE_ID: "engine", GOOGLE_API_BASE_URL: site.url };
  const brave = { BRAVE_API_KEY: "brave-key-1", BRAVE_API_BASE_URL: site.url };
  assert.equal(await searched(t, google), links);
  assert.equal(await searched(t, brave), whole);
  assert.equal(await searched(t, { SEARXNG_URL: site.url }), whole);
  assert.equal(await searched(t, { TAVILY_API_KEY: "tavily-key-1", TAVILY_API_BASE_URL: site.url }), whole);
  assert.equal(await searched(t, { ...google, GOOGLE_API_BASE_URL: busy.url, ...brave }), whole);
  const throttled = await searched(t, { ...google, GOOGLE_API_BASE_URL: busy.url, SEARCH_PROVIDER: "google" });
  assert.match(throttled, /Error: nothing could be searched.*status 429.*throttling/);
});
