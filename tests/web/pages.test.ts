import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { decodeText } from "../../src/base/encoding.js";
import type { WebError } from "../../src/web/web-error.js";
import { charsetOf, webKind } from "../../src/web/web-kind.js";
import { makePdf } from "../support/documents/documents.js";
import { article, bytes, html, redirect, startSite, type Route } from "../support/services/site.js";
import { signal, testWeb } from "./test-web.js";

/** Reads one page of a site with these routes. */
async function read(t: TestContext, routes: Record<string, Route | string>, path = "/", timeoutMs = 60_000) {
  const site = await startSite(t, routes);
  const web = testWeb(t, { guard: { allowedHosts: [site.host] }, timeoutMs });
  const page = await web.readPage(`${site.url}${path}`, signal()).catch((thrown: WebError) => thrown);
  return { page, site, web };
}

const text = (page: Awaited<ReturnType<typeof read>>["page"]): string => {
  assert.ok(!(page instanceof Error), String(page));
  return page.text;
};
const problem = (page: Awaited<ReturnType<typeof read>>["page"]) => {
  assert.ok(page instanceof Error);
  return page;
};

test("a static page is its main text and its links, absolute, the main text's first", async (t) => {
  const links = `<p>More in <a href="../deep/b?x=1#part">the second part</a> and <a href="https://other.example/">elsewhere</a>.</p>`;
  const around = `<nav><a href="/home">Home</a><a href="javascript:alert(1)">No</a><a href="#top">Top</a></nav>`;
  const script = "<script>var secret = 'not text';</script><style>p { color: red }</style>";
  const hidden = `<p style="display: none">for no eyes</p><p hidden>nor this</p>`;
  const whole = `<title>A  title</title>${script}${around}<main>${article("heron").replace("</article>", `${links}${hidden}</article>`)}</main><footer>imprint</footer>`;
  const { page, site } = await read(t, { "/a/page": html(whole) }, "/a/page?q=one+two&r=%C3%A9#part");
  assert.ok(!(page instanceof Error));
  assert.match(page.text, /The heron is described here/);
  assert.doesNotMatch(page.text, /secret|color|no eyes|nor this/);
  assert.equal(page.title, "A title");
  assert.equal(page.note, null);
  assert.deepEqual(page.links[0], { text: "the second part", url: `${site.url}/deep/b?x=1#part` });
  assert.equal(page.links[1]?.url, "https://other.example/");
  assert.ok(page.links.some(({ url }) => url === `${site.url}/home`));
  assert.ok(page.links.every(({ url }) => /^https?:/.test(url)));
  assert.deepEqual(
    site.requests.map(({ path }) => path),
    ["/a/page?q=one+two&r=%C3%A9"],
  );
  assert.match(site.requests[0]?.headers["user-agent"] ?? "", /autogpt/);
});

test("pitfall 66: the query string reaches the server and the fragment does not", async (t) => {
  const { site } = await read(t, { "/s": html(article("x")) }, "/s?q=a%20b&page=2#frag");
  assert.equal(site.requests[0]?.path, "/s?q=a%20b&page=2");
});

test("redirects are followed to the page at their end, with the cookies they set", async (t) => {
  const cookies: (string | undefined)[] = [];
  const { page, site, web } = await read(t, {
    "/": redirect("/one"),
    "/one": (_request, response) =>
      void response
        .writeHead(301, { location: "two?x=1", "set-cookie": ["seen=yes; Path=/", "gone=1; Max-Age=0"] })
        .end(),
    "/two": (request, response) => {
      cookies.push(request.headers.cookie);
      html(article("end of the chain"))(request, response);
    },
  });
  assert.match(text(page), /end of the chain/);
  assert.equal(!(page instanceof Error) && page.url, `${site.url}/two?x=1`);
  await web.readPage(`${site.url}/two`, signal());
  assert.deepEqual(cookies, ["seen=yes", "seen=yes"]);
});

test("cookies of one host are not sent to another", async (t) => {
  const other = await startSite(t, { "*": article("other") });
  const site = await startSite(t, {
    "/": (_request, response) =>
      void response
        .writeHead(302, { location: other.url.replace("127.0.0.1", "localhost"), "set-cookie": "own=1" })
        .end(),
  });
  const web = testWeb(t, { guard: { allowedHosts: [site.host, `localhost:${other.port}`] } });
  await web.readPage(site.url, signal());
  assert.equal(other.requests[0]?.headers.cookie, undefined);
});

for (const [coding, pack] of [
  ["gzip", gzipSync],
  ["br", brotliCompressSync],
] as const) {
  test(`a page packed with ${coding} is unpacked`, async (t) => {
    const headers = { "content-type": "text/html", "content-encoding": coding };
    const { page } = await read(t, { "/": bytes(pack(article("packed heron")), headers) });
    assert.match(text(page), /packed heron/);
  });
}

/** 你好，世界。 and こんにちは世界 as a server without UTF-8 sends them. */
const gbk = Buffer.from("c4e3bac3a3accac0bde7a1a3", "hex");
const shiftJis = Buffer.from("82b182f182c982bf82cd90a28a45", "hex");
const inside = (head: string, words: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`<html><head>${head}</head><body><p>`),
    ...new Array<Buffer>(40).fill(words),
    Buffer.from("</p></body></html>"),
  ]);

for (const [name, contentType, head, words, expected] of [
  ["GBK by its header", "text/html; charset=gbk", "", gbk, "你好，世界。"],
  ["GBK by its meta tag", "text/html", '<meta charset="gb2312">', gbk, "你好，世界。"],
  ["GBK that says nothing", "text/html", "", gbk, "你好，世界。"],
  [
    "Shift_JIS by its meta tag",
    "text/html",
    '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">',
    shiftJis,
    "こんにちは世界",
  ],
  ["UTF-8 that says nothing", "text/html", "", Buffer.from("你好，世界。"), "你好，世界。"],
  [
    "latin-1 that claims to be UTF-8",
    "text/html; charset=utf-8",
    "",
    Buffer.from("L'été à Orléans, où les élèves sont déjà là : ça va être très agréable pour les garçons. ", "latin1"),
    "où les élèves sont déjà là",
  ],
] as const) {
  test(`a page in ${name} is decoded right`, () => {
    const { text } = decodeText(inside(head, words), { said: [charsetOf(contentType)] });
    assert.ok(text.includes(expected), text.slice(0, 100));
  });
}

test("a page is read in the encoding that its header names, or else its meta tag", async (t) => {
  const { page } = await read(t, { "/": bytes(inside("", gbk), { "content-type": "text/html; charset=gbk" }) });
  assert.match(text(page), /你好，世界。/);
  const meta = '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">';
  const { page: other } = await read(t, { "/": bytes(inside(meta, shiftJis), { "content-type": "text/html" }) });
  assert.match(text(other), /こんにちは世界/);
});

test("a minified page of 2 MB is read, and so is one nested 100,000 deep", async (t) => {
  const minified = `<html><body><div>${"<span>word</span><i>x</i>".repeat(80_000)}</div></body></html>`;
  assert.ok(minified.length > 1_900_000);
  const { page } = await read(t, { "/": html(minified) });
  assert.ok(text(page).length > 300_000);
  const deep = `${"<div>".repeat(100_000)}the bottom${"</div>".repeat(100_000)}`;
  const { page: bottom } = await read(t, { "/": html(deep) });
  if (bottom instanceof Error) assert.match(bottom.message, /structure|took longer|cannot be read/);
  else assert.match(bottom.text, /the bottom/);
});

test("a PDF is its text, also where the server does not say what it is", async (t) => {
  const pdf = makePdf("A heron stands in the PDF");
  const { page } = await read(t, { "/": bytes(pdf, { "content-type": "application/octet-stream" }) });
  assert.match(text(page), /A heron stands in the PDF/);
  const { page: broken } = await read(t, {
    "/": bytes(Buffer.from("%PDF-1.4 nothing"), { "content-type": "application/pdf" }),
  });
  assert.match(problem(broken).message, /cannot be read/);
});

test("plain text, JSON and XML are read as they are", async (t) => {
  const bird = Buffer.from('{"bird": "<heron>"}');
  for (const contentType of ["text/plain", "application/json", "application/atom+xml"])
    assert.equal(webKind({ url: new URL("http://site.example/"), contentType }, bird), "text", contentType);
  const { page } = await read(t, { "/": bytes(bird, { "content-type": "application/json" }) });
  assert.equal(text(page), '{"bird": "<heron>"}');
});

test("what holds no text is told as a fact", async (t) => {
  const image = Buffer.alloc(34 * 1024, 7);
  const { page } = await read(t, {
    "/": bytes(image, { "content-type": "image/png", "content-length": String(image.length) }),
  });
  assert.ok(!(page instanceof Error));
  assert.deepEqual([page.text, page.note], ["", "image/png, 34 KB: there is no text in it to read"]);
  const { page: unknown } = await read(t, { "/": bytes(Buffer.from([1, 0, 2, 0, 3]), {}) });
  assert.ok(!(unknown instanceof Error));
  assert.match(unknown.note ?? "", /^data of no known type, 5 bytes/);
});

test("pitfall 70: an error of the server is an error, not a page", async (t) => {
  const { page } = await read(t, {}, "/missing");
  assert.match(problem(page).message, /^HTTP 404 error\./);
  const busy: Route = (_request, response) => void response.writeHead(429, { "retry-after": "30" }).end("later");
  const { page: late } = await read(t, { "/": busy });
  assert.match(problem(late).message, /^HTTP 429 error\..*Retry-After 30/);
});

test("an endless stream is cut at 5 MB", async (t) => {
  const endless: Route = (_request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    const chunk = Buffer.alloc(64 * 1024, "word ");
    const pump = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once("drain", pump);
    };
    pump();
  };
  const { page } = await read(t, { "/": endless });
  assert.match(problem(page).message, /larger than 5 MB/);
});

test("a slow drip is stopped when its time is over, and so is a silence", async (t) => {
  const drip: Route = (_request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    const timer = setInterval(() => response.write("x"), 100);
    response.once("close", () => clearInterval(timer));
  };
  for (const route of [drip, () => undefined]) {
    const { page } = await read(t, { "/": route }, "/", 2_000);
    assert.match(problem(page).message, /took longer than 2 seconds/);
  }
});

test("a redirect loop and a chain without end are left", async (t) => {
  let hops = 0;
  const chain: Route = (request, response) => redirect(`/chain?${hops++}`)(request, response);
  const { page } = await read(t, { "/": redirect("/b"), "/b": redirect("/") });
  assert.match(problem(page).message, /redirects more than 10 times/);
  const { page: far } = await read(t, { "/": chain, "/chain": chain });
  assert.match(problem(far).message, /redirects more than 10 times/);
});

test("a gzip bomb is not unpacked beyond 5 MB", async (t) => {
  // Packed texts in a row are one: 200 times a megabyte.
  const bomb = Buffer.concat(Array<Buffer>(200).fill(gzipSync(Buffer.alloc(1 << 20))));
  const headers = { "content-type": "text/html", "content-encoding": "gzip" };
  const before = process.memoryUsage().rss;
  const { page } = await read(t, { "/": bytes(bomb, headers) });
  assert.match(problem(page).message, /larger than 5 MB/);
  assert.ok(process.memoryUsage().rss - before < 150 << 20);
  const twice = bytes(gzipSync(bomb), { ...headers, "content-encoding": "gzip, gzip" });
  const { page: nested } = await read(t, { "/": twice });
  assert.match(problem(nested).message, /packed as "gzip, gzip"/);
});

test("broken answers are told as such", async (t) => {
  const { page } = await read(t, { "/": bytes(gzipSync("cut off").subarray(0, 15), { "content-encoding": "gzip" }) });
  assert.equal((problem(page) as WebError).kind, "unreadable");
  const cut: Route = (_request, response) => {
    response.writeHead(200, { "content-type": "text/html", "content-length": "1000" });
    response.write("half", () => response.socket?.destroy());
  };
  const { page: half } = await read(t, { "/": cut });
  assert.ok(["no-connection", "unreadable"].includes((problem(half) as WebError).kind));
});

test("control, bidi and invisible characters of a page are taken out", async (t) => {
  const { page } = await read(t, { "/": html(article("a\u001b[31mred\u202eback\u200bword\u0007 \u{e0041}tag")) });
  assert.doesNotMatch(text(page), /[\0-\x08\x0b-\x1f\u202e\u200b\u{e0041}]/u);
  assert.match(text(page), /a\[31mredbackword tag/);
});

test("without a browser a page of scripts is what there is, with a note how to get one", async (t) => {
  const shell = `<title>App</title><div id="root"></div><noscript>You need to enable JavaScript.</noscript><script src="/app.js"></script>`;
  const { page } = await read(t, { "/": html(shell) });
  assert.ok(!(page instanceof Error));
  assert.match(page.note ?? "", /made by scripts.*No browser was found.*Install Chromium/);
});

test("a run that is stopped does not wait for a page", async (t) => {
  const stop = new AbortController();
  const site = await startSite(t, { "/": () => stop.abort(new Error("stopped")) });
  const web = testWeb(t, { guard: { allowedHosts: [site.host] } });
  await assert.rejects(web.readPage(site.url, stop.signal), { message: "stopped" });
});

test(
  "a server that never finishes the secure handshake is left, and the connection is closed",
  { timeout: 10_000 },
  async (t) => {
    const server = createServer((socket) => void socket.on("error", () => undefined).resume());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const web = testWeb(t, { guard: { allowedHosts: [host] }, timeoutMs: 500 });
    const connected = once(server, "connection") as Promise<[Socket]>;
    await assert.rejects(web.readPage(`https://${host}/`, signal()), { kind: "too-slow" });
    const [socket] = await connected;
    if (!socket.closed) await once(socket, "close");
  },
);
