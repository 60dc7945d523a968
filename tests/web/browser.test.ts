import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test, type TestContext } from "node:test";
import { createBrowser } from "../../src/web/browser/browser.js";
import { createGuard } from "../../src/web/guard/guard.js";
import type { WebError } from "../../src/web/web-error.js";
import { long } from "../support/program.js";
import { wholeFile } from "../support/services/services.js";
import { article, html, redirect, startNames, startSite, type Route } from "../support/services/site.js";
import { startProxy } from "./forwarding-proxy.js";
import { refusedUrls } from "./refused-urls.js";
import { browserPath, signal, withBrowser } from "./test-web.js";

/** So that all of it happens while the page is open. */
const perPage = 20;

const shell = (script: string): string => `<title>App</title><div id="root"></div><script>${script}</script>`;

// Most tests share one browser, which takes longer to start than most pages take to be read, with the one site that it may
// reach and the names that it looks up.
const file = wholeFile();
let routes: Record<string, Route> = {};
const outside = await startSite(file, {
  "*": (request, response) => (routes[request.url ?? ""] ?? html("<h1>Not here</h1>", 404))(request, response),
});
let addressesOf = (_name: string): readonly string[] => ["127.0.0.1"];
const { server: dnsServer } = await startNames(file, (name) => addressesOf(name));
const shared = await withBrowser(file, {
  guard: { allowedHosts: [outside.host], dnsServer, connectMs: 300 },
  timeoutMs: 60_000,
  useBrowser: "always",
});

/** The shared web, in which these are the pages from now on; null where there is no browser. */
function webWith(t: TestContext, pages: Record<string, Route>) {
  routes = pages;
  if (shared === null) t.skip(file.problem);
  return shared;
}

test("a page that its scripts make is read in the browser, with the links and cookies they made", async (t) => {
  const text = JSON.stringify(article("heron from a script"));
  const web = webWith(t, {
    "/": html(
      shell(
        `document.cookie = "seen=yes"; document.getElementById("root").innerHTML = ${text} + '<a href="next">next</a>'`,
      ),
    ),
    "/missing": html("<script></script>", 404),
    "/next": html(
      shell(
        "document.getElementById('root').textContent = 'cookies: ' + document.cookie + ' '.repeat(5) + 'x'.repeat(300)",
      ),
    ),
  });
  if (web === null) return;
  const page = await web.readPage(`${outside.url}/`, signal());
  assert.match(page.text, /heron from a script/);
  assert.equal(page.note, null);
  assert.ok(page.links.some(({ url }) => url === `${outside.url}/next`));
  assert.match((await web.readPage(`${outside.url}/next`, signal())).text, /cookies: seen=yes/);
  await assert.rejects(web.readPage(`${outside.url}/missing`, signal()), { message: /HTTP 404 error/ });
});

test("nothing that a page does in the browser reaches a refused address", async (t) => {
  const inside = await startSite(t, { "*": "secret" });
  const own = [
    ...refusedUrls,
    `http://inside.example:PORT/`,
    `https://inside.example:PORT/`,
    "https://127.0.0.1:PORT/",
    "ws://127.0.0.1:PORT/",
    "ws://inside.example:PORT/",
    "wss://localhost:PORT/",
  ];
  const targets = own.filter((url) => url !== "").map((url) => url.replaceAll("PORT", String(inside.port)));
  const script = (some: readonly string[]): string => `
    const done = [];
    for (const url of ${JSON.stringify(some)}) {
      const attempts = [
        () => fetch(url, { mode: "no-cors" }),
        () => { const image = new Image(); image.src = url; document.body.append(image); },
        () => { const frame = document.createElement("iframe"); frame.src = url; document.body.append(frame); },
        () => { const style = document.createElement("link"); style.rel = "stylesheet"; style.href = url; document.head.append(style); },
        () => { const hint = document.createElement("link"); hint.rel = "preconnect"; hint.href = url; document.head.append(hint); },
        () => { navigator.sendBeacon(url, "x"); },
        () => { new EventSource(url); },
        () => { new WebSocket(url.replace(/^http/, "ws")); },
        () => { window.open(url); },
        () => { const form = document.createElement("form"); form.method = "post"; form.target = "elsewhere"; form.action = url; document.body.append(form); form.submit(); },
      ];
      for (const attempt of attempts) try { done.push(Promise.resolve(attempt()).catch(() => 0)); } catch {}
    }
    try { const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:${inside.port}" }] }); peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer)); } catch {}
    document.getElementById("root").textContent = "all tried " + "x".repeat(300);`;
  // Without the long mode, every fifth spelling and all the kinds that only a browser knows.
  const tried = targets.filter((_, index) => long || index % 5 === 0 || index >= targets.length - 6);
  const pages = Array.from({ length: Math.ceil(tried.length / perPage) }, (_, page) =>
    tried.slice(page * perPage, (page + 1) * perPage),
  );
  const web = webWith(
    t,
    Object.fromEntries(pages.map((some, index) => [`/${index}`, html(shell(script(some)))] as const)),
  );
  if (web === null) return;
  for (const index of pages.keys()) {
    const page = await web.readPage(`${outside.url}/${index}`, signal());
    assert.match(page.text, /all tried/, page.note ?? "");
  }
  assert.equal(inside.connections(), 0);
  t.diagnostic(`${tried.length} addresses, ten ways each`);
});

test("the browser is not led to a refused address, by its own address, a redirect, a script or a name that changes", async (t) => {
  const inside = await startSite(t, { "*": "secret" });
  let looked = 0;
  addressesOf = () => (looked++ === 0 ? ["198.41.0.4"] : ["127.0.0.1"]);
  t.after(() => (addressesOf = () => ["127.0.0.1"]));
  const web = webWith(t, {
    "/redirect": redirect(`${inside.url}/`),
    "/name": redirect(`http://changing.example:${inside.port}/`),
    "/script": html(shell(`location.href = "${inside.url}/"`)),
    "/meta": html(`<meta http-equiv="refresh" content="0;url=${inside.url}/"><script></script>`),
  });
  if (web === null) return;
  for (const url of refusedUrls.slice(0, 12)) {
    await assert.rejects(web.readPage(url.replaceAll("PORT", String(inside.port)), signal()), { name: "WebError" });
  }
  const read: string[] = [];
  for (const path of ["redirect", "script", "meta", "name", "name"]) {
    read.push(
      await web.readPage(`${outside.url}/${path}`, signal()).then(
        ({ text }) => text,
        (thrown: WebError) => thrown.message,
      ),
    );
  }
  assert.equal(inside.connections(), 0);
  assert.ok(
    read.every((text) => !text.includes("secret")),
    read.join("\n"),
  );
});

test("a stranger's page cannot reach into a place that was opened, and a page that lies there can", async (t) => {
  const door = await startSite(t, {
    "/data": "inside the door",
    "/": html(
      shell(
        `fetch("/data").then((r) => r.text()).then((x) => { document.getElementById("root").textContent = x.repeat(20); })`,
      ),
    ),
  });
  // The stranger lies behind a proxy, as a public name does.
  const stranger = await startSite(t, {
    "*": html(
      shell(
        `fetch("${door.url}/data").then((r) => r.text()).catch(() => "refused ").then((x) => { document.getElementById("root").textContent = x.repeat(50); })`,
      ),
    ),
  });
  const names = await startNames(t, () => ["198.41.0.4"]);
  const proxy = await startProxy(t, stranger);
  const web = await withBrowser(t, {
    guard: { allowedHosts: [door.host], dnsServer: names.server, proxies: { http: `http://127.0.0.1:${proxy.port}` } },
  });
  if (web === null) return;
  assert.match((await web.readPage(`${door.url}/`, signal())).text, /inside the door/);
  const before = door.connections();
  assert.match((await web.readPage("http://stranger.example/", signal())).text, /refused refused/);
  assert.equal(door.connections(), before);
});

test("a page that hangs in the browser is left, and the next one is read", async (t) => {
  const site = await startSite(t, {
    "/hang": html(shell("for (;;);")),
    "/alert": html(shell(`alert("stop"); document.getElementById("root").textContent = "after the alert"`)),
  });
  const path = await browserPath(t);
  if (path === null) return;
  const limits = { timeoutMs: 3_000 };
  const browser = createBrowser(
    Object.defineProperty(
      {
        guard: createGuard({ allowedHosts: [site.host], proxies: {}, connectMs: 1_000 }),
        choice: { path, searchPath: dirname(path) },
        headless: true,
        userAgent: "autogpt-test",
        environment: { PATH: process.env["PATH"] ?? "" },
        timeoutMs: 0,
      },
      "timeoutMs",
      { get: () => limits.timeoutMs },
    ),
  );
  t.after(() => browser.close());
  await assert.rejects(browser.render(new URL(`${site.url}/hang`), signal()), { kind: "too-slow" });
  // The next page may take as long as a busy machine needs.
  limits.timeoutMs = 60_000;
  const next = await browser.render(new URL(`${site.url}/alert`), signal());
  assert.match(next.kind === "document" ? next.html : next.kind, /after the alert/);
});
