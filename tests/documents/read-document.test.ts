import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { DocumentError } from "../../src/documents/document-error.js";
import { kindOf } from "../../src/documents/document-kind.js";
import { readDocument } from "../../src/documents/read-document.js";
import { makeDocx, makePdf, makeZip } from "../support/documents/documents.js";
import { repository, temporaryFolder } from "../support/program.js";

/** The built one starts faster than the sources do. */
const readerFile = join(repository, "dist", "document-reader.cjs");

const noSignal = (): AbortSignal => new AbortController().signal;

const read = (name: string, bytes: Uint8Array, signal = noSignal()): Promise<string> =>
  readDocument(name, bytes, { environment: {}, readerFile, signal });

const problemOf = async (name: string, bytes: Uint8Array): Promise<string> => {
  const thrown = await read(name, bytes).catch((error: unknown) => error);
  assert.ok(thrown instanceof DocumentError, String(thrown));
  assert.ok(thrown.message.length > 10);
  return thrown.kind;
};

test("the text of a PDF is read page by page, under whatever name", async () => {
  const pdf = makePdf("The harbour closes at nine.\nBring a lamp.", "Second page");
  const text = await read("paper", pdf);
  assert.match(text, /The harbour closes at nine\.\s+Bring a lamp\./);
  assert.match(text, /Second page$/);
});

test("the text of a Word document is read, a blank line between paragraphs", async () => {
  const text = await read("letter.docx", makeDocx("Dear Ms Żółć & co <ltd>", "我是GPT"));
  assert.deepEqual(text.trim().split(/\n+/), ["Dear Ms Żółć & co <ltd>", "我是GPT"]);
});

test("of a page the shown text is read: a line for each block, the title first, no scripts and styles", async () => {
  const page =
    "<!doctype html><html><head><title>On  lamps</title><style>p{}</style></head><body><script>let secret</script>" +
    "<h1>Lamps</h1><p>They <b>shine</b>\n brightly.</p><ul><li>one<li>two</ul>" +
    "<table><tr><td>a</td><td>b</td></tr></table>a<br>b<noscript>off</noscript>";
  const text = await read("page", Buffer.from(page));
  assert.deepEqual(text.split("\n"), ["On lamps", "Lamps", "They shine brightly.", "one", "two", "a b", "a", "b"]);
});

test("a page that is nested very deep is read", async () => {
  const text = await read("deep.html", Buffer.from(`<html>${"<div>".repeat(20_000)}bottom`));
  assert.equal(text, "bottom");
});

test(
  "a page that is nested deeper than any page, to keep us busy, is refused within seconds",
  { timeout: 60_000 },
  async () => {
    assert.equal(await problemOf("deep.html", Buffer.from(`<html>${"<div>".repeat(1_000_000)}bottom`)), "damaged");
    const wide = "<p>a<br></p>".repeat(40_000);
    assert.equal((await read("wide.html", Buffer.from(`<html>${wide}`))).length, 2 * 40_000 - 1);
  },
);

test("a row of a table says by itself what it is about", async () => {
  const table = (source: string) => read("a.csv", Buffer.from(source));
  assert.equal(
    await table('name,city\n"Ada, the first",London\nBob,\n'),
    "name: Ada, the first; city: London\nname: Bob",
  );
  assert.equal(await table("name;city\nAda;Paris\n"), "name: Ada; city: Paris");
  assert.equal(await table("1,2\n3,4\n"), "1; 2\n3; 4");
  assert.match(await table('a,b\n"never closed,x\n'), /never closed/);
});

test("Markdown and other text come as they are, in any encoding", async () => {
  const markdown = "# Title\n\n- *one*\n\tcode\n";
  assert.equal(await read("a.md", Buffer.from(markdown)), markdown);
  assert.equal(
    await read("a.txt", Buffer.from("caf\xe9 au lait, d\xe9j\xe0 vu, tr\xe8s bon", "latin1")),
    "café au lait, déjà vu, très bon",
  );
  assert.equal(await read("a.txt", Buffer.from("\ufeffwide", "utf16le")), "wide");
});

test("what is damaged, empty or no text at all says so", async () => {
  const pdf = makePdf("text");
  assert.equal(await problemOf("a.pdf", pdf.subarray(0, 40)), "damaged");
  assert.equal(await problemOf("a.pdf", makePdf("")), "no-text");
  assert.equal(await problemOf("a.docx", makeDocx("text").subarray(0, 300)), "damaged");
  assert.equal(await problemOf("a.bin", Buffer.from([0, 1, 2, 3, 255])), "no-text");
  assert.equal(await problemOf("a.txt", Buffer.from(" \n")), "no-text");
});

test("a Word document that would unpack to more than memory holds is refused before it is unpacked", async () => {
  const bomb = makeZip({ "word/document.xml": "small" }, 0x7fff_ffff);
  assert.equal(await problemOf("a.docx", bomb), "too-large");
});

test("the kind follows the content first, then the name", () => {
  assert.equal(kindOf("a.txt", makePdf("x")), "pdf");
  assert.equal(kindOf("a.docx", makeDocx("x")), "docx");
  assert.equal(kindOf("a.docx", Buffer.from("no archive")), "text");
  assert.equal(kindOf("a.TSV", Buffer.from("a\tb")), "csv");
});

test("hidden text of a page, which nobody who looks at it would see, is not read", async () => {
  const page = '<html><body><p>shown</p><p hidden>not this</p><p style="display: none">nor this</p></body></html>';
  assert.equal(await read("page.html", Buffer.from(page)), "shown");
});

test("the encoding of a page is the one that its meta tag names", async () => {
  const page = Buffer.concat([
    Buffer.from('<html><meta charset="gb2312"><p>'),
    Buffer.from("c4e3bac3a3accac0bde7a1a3", "hex"),
  ]);
  assert.equal(await read("page.html", page), "你好，世界。");
});

test("a document that its reader has no room for costs the reader, and is told as such", async (t) => {
  const folder = await temporaryFolder(t);
  const hungry = join(folder, "hungry.cjs");
  await writeFile(
    hungry,
    "process.once('message', () => { const kept = []; for (;;) kept.push(new Array(1e6).fill(0.5)); });",
  );
  const little = { environment: {}, readerFile: hungry, mostMemory: 64 };
  const order = readDocument("a.pdf", makePdf("x"), { ...little, signal: noSignal() });
  await assert.rejects(order, { kind: "too-large", message: /more than can be read here/ });
});

test("reading ends with its signal, and the process that reads with it", async (t) => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const stuck = join(await temporaryFolder(t), "stuck.cjs");
  await writeFile(
    stuck,
    `process.once("message", () => require("net").connect(${port}, "127.0.0.1", () => { for (;;); }));`,
  );
  const stop = new AbortController();
  const reading = readDocument("a.html", Buffer.from("<html>x"), {
    environment: {},
    readerFile: stuck,
    signal: stop.signal,
  });
  const [socket] = (await once(server, "connection")) as [Socket];
  const closed = once(socket.on("error", () => undefined).resume(), "close");
  stop.abort(new Error("stopped"));
  await assert.rejects(reading, { message: "stopped" });
  await closed;
});

test("the reader gets nothing of the environment but what it is given", async (t) => {
  const spy = join(await temporaryFolder(t), "spy.cjs");
  await writeFile(
    spy,
    "process.once('message', () => { const text = Object.keys(process.env).filter((name) => !name.startsWith('NODE_CHANNEL')).join();" +
      "process.send({ ok: true, read: { title: '', text, links: [], needsScripts: false } }, () => process.disconnect()); });",
  );
  const environment = { PATH: "/usr/bin" };
  assert.equal(await readDocument("a.pdf", makePdf("x"), { environment, readerFile: spy, signal: noSignal() }), "PATH");
});
