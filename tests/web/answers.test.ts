import assert from "node:assert/strict";
import { createServer } from "node:net";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { collected, unpacked } from "../../src/web/fetch/unpacked.js";
import type { WebError } from "../../src/web/web-error.js";
import { webKind } from "../../src/web/web-kind.js";
import { listenLocally } from "../support/services/local-server.js";
import { makeDocx, makePdf } from "../support/documents/documents.js";
import { bytes, html, redirect, startSite, type Route } from "../support/services/site.js";
import { signal, testWeb } from "./test-web.js";

/** What a page of a site of its own is read as. */
async function read(t: TestContext, route: Route, others: Record<string, Route> = {}, path = "/") {
  const site = await startSite(t, { [path]: route, ...others });
  const web = testWeb(t, { guard: { allowedHosts: [site.host] } });
  return { site, page: await web.readPage(`${site.url}${path}`, signal()) };
}

const typed = (type: string, body: string | Buffer, headers: Record<string, string> = {}): Route =>
  bytes(Buffer.from(body as string), { ...(type === "" ? {} : { "content-type": type }), ...headers });

const textOf = async (t: TestContext, route: Route, path = "/"): Promise<string> =>
  (await read(t, route, {}, path)).page.text;

test("what is no HTML keeps its lines and spaces", async (t) => {
  const yaml = "  a:\n    b:\n\n\n      - 1\n  c: 2";
  assert.equal(await textOf(t, typed("text/yaml", `\n${yaml}\n`)), yaml);
  assert.equal(
    await textOf(t, typed("text/tab-separated-values", "zone\tadult\nB\t\t1.60\n")),
    "zone\tadult\nB\t\t1.60",
  );
  // Nothing in it is HTML, whatever the server calls it.
  assert.equal(await textOf(t, typed("text/html", "a:\n  b: 1 < 2")), "a:\n  b: 1 < 2");
});

/** As what bytes are read that come under this type, without reading them. */
const kindOf = (contentType: string, body: string | Buffer, path = "/"): string | null =>
  webKind({ url: new URL(path, "http://site.example"), contentType }, Buffer.from(body as string));

test("a PDF is read as one under any type", async (t) => {
  const pdf = makePdf("A heron stands in the PDF");
  for (const type of ["text/html", "text/plain", "application/force-download", "", "application/json"])
    assert.equal(kindOf(type, pdf), "pdf", type);
  assert.match(await textOf(t, typed("text/html", pdf)), /A heron stands in the PDF/);
});

test("documents are read by the reader for their kind", async (t) => {
  const docx = makeDocx("A heron stands in the letter");
  const type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  for (const one of [type, "application/zip", "text/html", ""]) assert.equal(kindOf(one, docx), "docx", one);
  assert.match(await textOf(t, typed("", docx)), /A heron stands in the letter/);
  assert.match(await textOf(t, typed("text/plain", "{\\rtf1\\ansi A heron in RTF}")), /^A heron in RTF/);
  const notebook = JSON.stringify({
    cells: [{ cell_type: "code", source: ["x = 1\n", "if x:\n", "    y"] }],
    nbformat: 4,
  });
  assert.match(await textOf(t, typed("application/json", notebook), "/a.ipynb"), /x = 1\nif x:\n {4}y/);
});

test("what is text by its bytes is read under any type", async (t) => {
  const types = "x-javascript ecmascript x-sh x-httpd-php x-tex graphql x-jsonlines x-xml force-download octet-stream";
  const code = "const answer = 42;\n  // é";
  for (const type of [...types.split(" ").map((name) => `application/${name}`), "html", "", "nonsense"])
    assert.equal(kindOf(type, code), "text", type);
  assert.equal(await textOf(t, typed("application/x-sh", code)), code);
  assert.equal(await textOf(t, typed("application/gzip", gzipSync("packed\n  text")), "/a.txt.gz"), "packed\n  text");
  assert.equal(await textOf(t, typed("application/octet-stream", "\ufeff<html><p>A page</p>")), "A page");
});

test("an encoding that is said wrongly is not believed, and what could not be read is told", async (t) => {
  const page = '<meta charset="utf-8"><p>图书馆的开放时间是上午九点。</p>';
  assert.equal(await textOf(t, typed("text/html; charset=ISO-8859-1", page)), "图书馆的开放时间是上午九点。");
  const broken = Buffer.concat([Buffer.from("<p>日本語のページです。"), Buffer.from([0xe9]), Buffer.from("</p>")]);
  const { page: read1 } = await read(t, typed("text/html; charset=utf-8", broken));
  assert.equal(read1.text, "日本語のページです。\ufffd");
  assert.match(read1.note ?? "", /^1 character could not be read/);
});

test("a page that only leads on is followed, by its head and by a header", async (t) => {
  const docs = { "/docs/": html("<p>The manual</p>") };
  const leading = html('<html><head><meta http-equiv="refresh" content="0; url=/docs/"></head></html>');
  const { page, site } = await read(t, leading, docs);
  assert.deepEqual([page.text, page.url], ["The manual", `${site.url}/docs/`]);
  const { page: other } = await read(t, typed("text/html", "", { refresh: "1;url=docs/" }), docs);
  assert.equal(other.text, "The manual");
  const { page: without } = await read(
    t,
    html('<noscript><meta http-equiv="refresh" content="0;url=/docs/"></noscript><script></script>'),
    docs,
  );
  assert.equal(without.text, "The manual");
});

test("a page that leads to itself, in a circle or nowhere is what it is", async (t) => {
  const leading = (to: string, text = ""): Route =>
    html(`<meta http-equiv="refresh" content="0; url=${to}"><p>${text}</p>`);
  assert.equal((await read(t, leading("/", "Same"))).page.text, "Same");
  const { site } = await read(t, leading("/b"), { "/b": leading("/", "In a circle") });
  assert.ok(site.requests.length <= 7, String(site.requests.length));
  const { page } = await read(t, leading("/missing", "Moved"));
  assert.equal(page.text, "Moved");
  assert.match(page.note ?? "", /leads on to .*\/missing, which cannot be read: HTTP 404/);
});

test("a page of elsewhere does not lead to a private host that was opened", async (t) => {
  const inside = await startSite(t, { "*": html("<p>secret</p>") });
  const { page } = await read(t, html(`<meta http-equiv="refresh" content="0; url=${inside.url}/"><p>Outside</p>`));
  assert.equal(page.text, "Outside");
  assert.match(page.note ?? "", /is refused/);
  assert.equal(inside.connections(), 0);
});

test("an error says what the server says of it, as data", async (t) => {
  const problem = async (status: number, type: string, body: string): Promise<string> => {
    const route: Route = (_request, response) => void response.writeHead(status, { "content-type": type }).end(body);
    return read(t, route).then(
      () => assert.fail("no error"),
      (thrown: WebError) => thrown.message,
    );
  };
  const limit = await problem(403, "application/json", '{"message":"API rate limit exceeded, retry at 14:05"}');
  assert.match(
    limit,
    /^HTTP 403 error\. The server's own words, which are data.*"API rate limit exceeded, retry at 14:05"/,
  );
  assert.match(
    await problem(500, "text/html", `<style>p{}</style><p>Down until <b>noon</b></p>${"x ".repeat(2000)}`),
    /fault of its own.*Down until noon.{0,520}$/,
  );
  assert.match(await problem(403, "text/html", ""), /does not show this page to programs/);
  assert.equal(
    await problem(502, "image/png", "\x89PNG\0"),
    "HTTP 502 error. The site has a fault of its own at the moment.",
  );
});

test("a Content-Encoding that says nothing true is passed over", async (t) => {
  const page = "<p>PLUM-77</p>";
  const unpackedText = async (coding: string, body: Buffer): Promise<string> =>
    (await collected(unpacked(Readable.from([body]), coding, 1000))).toString();
  for (const coding of ["utf-8", "UTF-8", "none", "identity", "binary", "gzip", "br", "deflate", "utf-8, identity"])
    assert.equal(await unpackedText(coding, Buffer.from(page)), page, coding);
  const packed: [string, Buffer][] = [
    ["gzip", gzipSync(page)],
    ["utf-8, gzip", gzipSync(page)],
    ["deflate", deflateSync(page)],
    ["deflate", deflateRawSync(page)],
    ["br", gzipSync(page)],
  ];
  for (const [coding, body] of packed) assert.equal(await unpackedText(coding, body), page, coding);
  assert.equal(
    await textOf(t, typed("text/html", gzipSync(page), { "content-encoding": "utf-8, gzip" })),
    "PLUM-77",
    "of a page",
  );
  await assert.rejects(read(t, typed("text/html", "x", { "content-encoding": "zstd" })), /packed as "zstd"/);
});

test("letters in a redirect's address reach the server as the bytes they are", async (t) => {
  const raw = (location: Buffer): Promise<string> => {
    const answer = Buffer.concat([
      Buffer.from("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "),
      location,
      Buffer.from("\r\n\r\n"),
    ]);
    const asked = new Promise<string>((resolve, reject) => {
      const server = createServer((socket) => {
        socket
          .on("error", () => undefined)
          .on("data", (chunk: Buffer) => {
            const [, path = ""] = chunk.toString("latin1").split(" ");
            if (path === "/") socket.write(answer);
            else {
              socket.end("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
              resolve(path);
            }
          });
      });
      t.after(() => server.close());
      listenLocally(server as never).then(async (port) => {
        const host = `127.0.0.1:${port}`;
        await testWeb(t, { guard: { allowedHosts: [host] } }).readPage(`http://${host}/`, signal());
      }, reject);
    });
    return asked;
  };
  assert.equal(await raw(Buffer.from("/wiki/日本?q=café")), "/wiki/%E6%97%A5%E6%9C%AC?q=caf%C3%A9");
  assert.equal(await raw(Buffer.from([0x2f, 0xc4, 0xe3])), "/%C4%E3");
});

test("headers of up to 256 KB are taken", async (t) => {
  const policy = { "content-security-policy": "x".repeat(200_000) };
  assert.equal(await textOf(t, typed("text/html", "<p>x</p>", policy)), "x");
});

test("a connection that is closed after a redirect is made again", async (t) => {
  const closing: Route = (_request, response) => {
    response
      .writeHead(302, { location: "/next", "content-length": "0", connection: "keep-alive" })
      .end(() => response.socket?.destroy());
  };
  assert.equal((await read(t, closing, { "/next": html("<p>There</p>") })).page.text, "There");
  const { page } = await read(t, redirect("/a"), { "/a": closing, "/next": html("<p>There</p>") });
  assert.equal(page.text, "There");
});

test("what is larger than the limit is read up to it, and that is told", async (t) => {
  const long = `<p>start</p>${`<!-- ${"nothing ".repeat(10_000)} -->`.repeat(80)}<p>end</p>`;
  const { page } = await read(t, html(long));
  assert.match(page.text, /^start/);
  assert.doesNotMatch(page.text, /end/);
  assert.match(page.note ?? "", /larger than 5 MB.*was not read/);
  await assert.rejects(
    read(t, typed("", Buffer.concat([makePdf("x"), Buffer.alloc(6 << 20, 32)]))),
    /larger than 5 MB/,
  );
});

test("a PDF without text says why there is none", async (t) => {
  const { page } = await read(t, typed("application/pdf", makePdf("")));
  assert.equal(page.text, "");
  assert.match(page.note ?? "", /PDF without text: its pages are pictures/);
});

test("a document of a kind that cannot be read says which it is", async (t) => {
  const ole = Buffer.concat([
    Buffer.from("d0cf11e0a1b11ae1", "hex"),
    Buffer.alloc(512),
    Buffer.from("WordDocument", "utf16le"),
  ]);
  await assert.rejects(read(t, typed("application/msword", ole)), /Word document of before 2007/);
});
