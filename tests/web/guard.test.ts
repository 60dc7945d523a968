import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { createGuard, type GuardOptions } from "../../src/web/guard/guard.js";
import { canonicalAddress, createAddressCheck } from "../../src/web/guard/public-address.js";
import { WebError } from "../../src/web/web-error.js";
import { redirect, startNames, startSite } from "../support/services/site.js";
import { startProxy } from "./forwarding-proxy.js";
import { refusedUrls } from "./refused-urls.js";
import { signal, testWeb } from "./test-web.js";

const guardOf = (options: Partial<GuardOptions> = {}) =>
  createGuard({ allowedHosts: [], proxies: {}, connectMs: 500, ...options });

test("addresses of the public internet are told from all others", () => {
  const isPublic = createAddressCheck();
  const open = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "172.15.0.1",
    "172.32.0.1",
    "100.63.0.1",
    "192.0.1.1",
    "2606:4700::1111",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
  ];
  const closed = [
    "0.1.2.3",
    "10.255.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.0.1",
    "192.168.0.1",
    "198.19.0.1",
    "240.0.0.1",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:a00:1",
    "64:ff9b::a00:1",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff0e::1",
    "2001:db8::1",
    "2002:808:808::1",
    "100::1",
    "4000::1",
    "nonsense",
    "",
  ];
  for (const address of open) assert.equal(isPublic(address), true, address);
  for (const address of closed) assert.equal(isPublic(address), false, address);
  assert.equal(canonicalAddress("2001:DB8:0:0::0001"), canonicalAddress("2001:db8::1"));
  assert.equal(canonicalAddress("::ffff:7f00:1"), "127.0.0.1");
});

test("pitfalls 67, 68 and 69: no refused address is ever connected to", async (t) => {
  const site = await startSite(t, { "*": "secret" });
  const web = testWeb(t);
  for (const written of refusedUrls) {
    const url = written.replaceAll("PORT", String(site.port));
    await assert.rejects(web.readPage(url, signal()), WebError, url);
    await assert.rejects(
      web.download(url, async () => undefined, signal()),
      WebError,
      url,
    );
  }
  assert.equal(site.connections(), 0);
});

test("pitfall 68: what only looks like this machine is not refused", () => {
  const guard = guardOf();
  for (const url of [
    "http://localhost.example.com/",
    "http://127.0.0.1.example.com/",
    "http://example.com/localhost",
  ]) {
    assert.equal(guard.check(url).href, url);
  }
});

test("pitfall 67: a path that looks like an address belongs to its own host", () => {
  const url = guardOf().check("http://good.example//127.0.0.1/admin");
  assert.equal(url.host, "good.example");
  assert.equal(url.pathname, "//127.0.0.1/admin");
});

test("pitfall 76: an address without a scheme gets https", () => {
  const guard = guardOf();
  assert.equal(guard.check("example.com").href, "https://example.com/");
  assert.equal(guard.check(" example.com:8080/a?b=c ").href, "https://example.com:8080/a?b=c");
  assert.equal(guard.check("//example.com/x").href, "https://example.com/x");
});

test("a name that leads to a private address is refused when it is connected to", async (t) => {
  const site = await startSite(t, { "*": "secret" });
  const answers: Record<string, string[]> = {
    "loop.example": ["127.0.0.1"],
    "private.example": ["10.1.2.3"],
    "metadata.example": ["169.254.169.254"],
    "mixed.example": ["93.184.216.34", "127.0.0.1"],
  };
  const names = await startNames(t, (name) => answers[name] ?? []);
  const web = testWeb(t, { guard: { dnsServer: names.server } });
  for (const name of Object.keys(answers)) {
    await assert.rejects(web.readPage(`http://${name}:${site.port}/`, signal()), { name: "WebError", kind: "refused" });
  }
  assert.deepEqual([...new Set(names.asked)], Object.keys(answers));
  await assert.rejects(web.readPage("http://unknown.example/", signal()), { kind: "no-connection" });
  assert.equal(site.connections(), 0);
});

test("a name whose answer changes between look-ups never leads to this machine", async (t) => {
  const site = await startSite(t, { "*": "secret" });
  let looked = 0;
  // 198.41.0.4 is a public address that nothing here connects to.
  const names = await startNames(t, () => (looked++ % 2 === 0 ? ["198.41.0.4"] : ["127.0.0.1"]));
  const web = testWeb(t, { guard: { dnsServer: names.server, connectMs: 300 }, timeoutMs: 2_000 });
  const address = `http://rebinding.example:${site.port}/`;
  const kinds = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    kinds.push(
      await web.readPage(address, signal()).then(
        () => "read",
        (thrown: WebError) => thrown.kind,
      ),
    );
  }
  assert.deepEqual([kinds[1], kinds[3]], ["refused", "refused"]);
  assert.ok(kinds[0] !== "refused" && kinds[2] !== "refused", kinds.join());
  assert.equal(site.connections(), 0);
});

test("every hop of a redirect is checked", async (t) => {
  const inside = await startSite(t, { "*": "secret" });
  const names = await startNames(t, () => ["127.0.0.1"]);
  const targets = [
    `${inside.url}/`,
    `http://localhost:${inside.port}/`,
    `http://[::ffff:127.0.0.1]:${inside.port}/`,
    "file:///etc/passwd",
    `http://inside.example:${inside.port}/`,
    `//127.1:${inside.port}/x`,
    `http://user@127.0.0.1:${inside.port}/`,
  ];
  const outside = await startSite(t, {
    ...Object.fromEntries(
      targets.map((target, index) => [`/to/${index}`, redirect(target, index % 2 === 0 ? 302 : 307)]),
    ),
    ...Object.fromEntries(targets.map((_target, index) => [`/far/${index}`, redirect(`/to/${index}`)])),
  });
  const web = testWeb(t, { guard: { allowedHosts: [outside.host], dnsServer: names.server } });
  for (const index of targets.keys()) {
    for (const path of ["to", "far"]) {
      await assert.rejects(web.readPage(`${outside.url}/${path}/${index}`, signal()), { kind: "refused" });
    }
  }
  assert.equal(inside.connections(), 0);
  assert.equal(outside.requests.length, 3 * targets.length);
});

test("an allowed host is one host and port, as it is written, and nothing beside it", async (t) => {
  const [open, closed] = [await startSite(t, { "*": "open" }), await startSite(t, { "*": "closed" })];
  const web = testWeb(t, { guard: { allowedHosts: [`127.0.0.1:${open.port}`] } });
  assert.match((await web.readPage(`${open.url}/`, signal())).text, /open/);
  await assert.rejects(web.readPage(`${closed.url}/`, signal()), { kind: "refused" });
  await assert.rejects(web.readPage(`http://localhost:${open.port}/`, signal()), { kind: "refused" });
  const names = await startNames(t, () => ["127.0.0.1"]);
  const other = testWeb(t, { guard: { allowedHosts: [`127.0.0.1:${open.port}`], dnsServer: names.server } });
  await assert.rejects(other.readPage(`http://evil.example:${open.port}/`, signal()), { kind: "refused" });
  assert.equal(closed.connections(), 0);
});

test("a redirect of a stranger's does not lead into a place that was opened", async (t) => {
  const door = await startSite(t, { "*": "inside the door" });
  const stranger = await startSite(t, { "*": redirect(`${door.url}/delete?id=1`) });
  const names = await startNames(t, () => ["198.41.0.4"]);
  const proxy = await startProxy(t, stranger);
  const guard = { dnsServer: names.server, proxies: { http: `http://127.0.0.1:${proxy.port}` } };
  const web = testWeb(t, { guard: { ...guard, allowedHosts: [door.host] } });
  await assert.rejects(web.readPage("http://stranger.example/", signal()), {
    kind: "refused",
    message: /a page of another host led there/,
  });
  assert.equal(door.connections(), 0);
  assert.match((await web.readPage(`${door.url}/`, signal())).text, /inside the door/);
});

test("this machine is refused under every address of its own, public ones too", () => {
  const guard = guardOf();
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  assert.ok(own.length > 0);
  for (const { address, family } of own) {
    const host = family === "IPv6" ? `[${address.replace(/%.*/, "")}]` : address;
    assert.throws(() => guard.check(`http://${host}/`), WebError, address);
  }
});

test("a proxy is told checked addresses, never names, and is not asked for private ones", async (t) => {
  const site = await startSite(t, { "*": "through the proxy" });
  const proxy = await startProxy(t, site);
  const names = await startNames(t, (name) => (name === "inside.example" ? ["10.0.0.5"] : ["198.41.0.4"]));
  const web = testWeb(t, {
    guard: {
      dnsServer: names.server,
      connectMs: 300,
      proxies: { http: `http://me:p%40ss@127.0.0.1:${proxy.port}`, except: "direct.example" },
    },
  });
  assert.match((await web.readPage("http://public.example/page", signal())).text, /through the proxy/);
  assert.equal(site.requests[0]?.headers.host, "public.example");
  assert.equal(site.requests[0]?.headers["proxy-authorization"], undefined);
  const authorization = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
  assert.deepEqual(proxy.asked, [{ target: "198.41.0.4:80", authorization }]);
  for (const url of ["http://inside.example/", "http://localhost/", "http://127.0.0.1:1/", "http://[::1]/"]) {
    await assert.rejects(web.readPage(url, signal()), { kind: "refused" });
  }
  await assert.rejects(web.readPage("http://direct.example:9/", signal()), WebError);
  assert.equal(proxy.asked.length, 1);
});
