import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import type { WebError } from "../../src/web/web-error.js";
import { html, redirect, startSite, type Route } from "../support/services/site.js";
import { wholeFile } from "../support/services/services.js";
import { signal, withBrowser } from "./test-web.js";

// All tests share one browser, which takes longer to start than most pages take to be read, and one server.
const file = wholeFile();
let routes: Record<string, Route | string> = {};
const site = await startSite(file, { "*": (request, response) => routeOf(request.url)(request, response) });
const web = await withBrowser(file, { guard: { allowedHosts: [site.host] }, useBrowser: "always" });

function routeOf(path = ""): Route {
  const route = routes[path] ?? html("<h1>Not here</h1>", 404);
  return typeof route === "string" ? html(route) : route;
}

/** What a page is read as in the browser; null where there is none. */
async function render(t: TestContext, given: Record<string, Route | string>, path = "/") {
  if (web === null) {
    t.skip(file.problem);
    return null;
  }
  routes = given;
  return web.readPage(`${site.url}${path}`, signal());
}

const textOf = async (t: TestContext, page: string): Promise<string | undefined> =>
  (await render(t, { "/": html(page) }))?.text;

test("what the styles of a page hide is left out in the browser, and what they show stays", async (t) => {
  const sheet = `
    .a { display: none } .b { opacity: 0 } .c { font-size: 1px } .d { position: absolute; left: -9999px } .e { visibility: hidden }
    .f { position: absolute; clip: rect(1px, 1px, 1px, 1px); width: 1px; height: 1px; overflow: hidden } .g { clip-path: inset(100%) }
    .h { color: white } .i { transform: scale(0) } .j { height: 0; overflow: hidden } .k { text-indent: -9999px; overflow: hidden }
    .l { color: transparent } .dark { background: #222; color: white } .m[hidden] { display: block }
    ul { font-size: 0 } li { font-size: 14px } .row { display: flex } .code { white-space: pre }`;
  const hidden = [..."abcdefghijkl"].map((name) => `<p class=${name}>unseen ${name}</p>`).join("");
  const shown =
    "<p class=dark>dark</p><p class=m hidden>attribute</p><ul><li>item</ul><div class=row><span>left</span><span>right</span></div>" +
    "<div class=code>x:\n  - y</div><details><summary>More</summary>inside</details>";
  const text = await textOf(t, `<style>${sheet}</style><p>seen</p>${hidden}<dialog>unseen</dialog>${shown}`);
  if (text === undefined) return;
  assert.doesNotMatch(text, /unseen/);
  for (const part of ["seen", "dark", "attribute", "- item", "left right", "x:\n  - y", "More", "inside"]) {
    assert.ok(text.includes(part), `${part} in ${text}`);
  }
});

test("shadow roots are read in the browser, declared and made by scripts, open and closed", async (t) => {
  const script = `
    document.querySelector("#open").attachShadow({ mode: "open" }).innerHTML = "<p>open root</p><slot></slot>";
    document.querySelector("#closed").attachShadow({ mode: "closed" }).innerHTML = "<p>closed root</p>";`;
  const text = await textOf(
    t,
    `<h1>Outer</h1><my-card><template shadowrootmode="open"><p>The answer is 42.</p></template></my-card>
    <div id=open><b>in the slot</b></div><div id=closed></div><script>${script}</script>`,
  );
  if (text === undefined) return;
  for (const part of ["Outer", "The answer is 42.", "open root", "in the slot", "closed root"]) {
    assert.ok(text.includes(part), `${part} in ${text}`);
  }
});

test("what scripts put into fields is told", async (t) => {
  const script = `document.querySelector("input").value = "typed"; document.querySelector("select").selectedIndex = 1;`;
  const text = await textOf(t, `<p>Form</p><input><select><option>S<option>M</select><script>${script}</script>`);
  if (text === undefined) return;
  assert.match(text, /\[typed\].*\[S, M \(selected\)\]/);
});

test("a page that shows no text after its scripts have run says so", async (t) => {
  const page = await render(t, { "/": html("<div id=root></div><script></script>") });
  if (page === null) return;
  assert.equal(page.text, "");
  assert.match(page.note ?? "", /scripts have run in the browser.*no text all the same/);
});

test("an error in the browser says what the server says", async (t) => {
  const route: Route = (_request, response) =>
    void response.writeHead(403, { "content-type": "text/html" }).end("<p>Open from nine to five</p>");
  const thrown = await render(t, { "/": route }).catch((error: WebError) => error);
  if (thrown === null) return;
  assert.match(String(thrown), /HTTP 403 error\..*Open from nine to five/);
});

test("headers of more than 16 KB are taken in the browser", async (t) => {
  const route: Route = (_request, response) =>
    void response
      .writeHead(200, { "content-type": "text/html", "x-policy": "x".repeat(100_000) })
      .end("<p>long headers</p>");
  const page = await render(t, { "/": route });
  if (page !== null) assert.equal(page.text, "long headers");
});

test("a page that a script leads to and that is refused is an error, and not told as read", async (t) => {
  const inside = await startSite(t, { "*": "secret" });
  const leading = `<p>Some text of its own</p><script>location.href = "${inside.url}/"</script>`;
  for (const route of [html(leading), redirect(`${inside.url}/`)]) {
    const read = await render(t, { "/": route }).catch((error: WebError) => error);
    if (read === null) return;
    assert.ok(read instanceof Error, JSON.stringify(read));
    assert.equal((read as WebError).kind, "refused");
  }
  assert.equal(inside.connections(), 0);
});

test("no page sends datagrams, by peer connections or others, from any frame or worker", async (t) => {
  let datagrams = 0;
  const socket = createSocket("udp4", () => void datagrams++);
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.after(() => socket.close());
  const { port } = socket.address();
  const attack = `
    const tried = [];
    const peer = (Peer) => {
      if (!Peer) return;
      const one = new Peer({ iceServers: [{ urls: "stun:127.0.0.1:${port}" }, { urls: "turn:127.0.0.1:${port}?transport=udp", username: "a", credential: "b" }] });
      one.createDataChannel("x");
      one.createOffer().then((offer) => one.setLocalDescription(offer));
      one.setRemoteDescription({ type: "offer", sdp: ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 127.0.0.1", "a=candidate:1 1 udp 1 127.0.0.1 ${port} typ host", "a=ice-ufrag:aaaa", "a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa",
        "a=fingerprint:sha-256 " + Array(32).fill("AA").join(":"), "a=setup:actpass", "a=mid:0", "a=sctp-port:5000", ""].join("\\r\\n") })
        .then(() => one.createAnswer()).then((answer) => one.setLocalDescription(answer)).catch(() => 0);
    };
    try { peer(window.RTCPeerConnection ?? window.webkitRTCPeerConnection); } catch {}
    try { new WebTransport("https://127.0.0.1:${port}/"); } catch {}
    try { new Worker(URL.createObjectURL(new Blob(["try { new WebTransport('https://127.0.0.1:${port}/') } catch {}"]))); } catch {}`;
  const frames = `
    const frame = document.body.appendChild(document.createElement("iframe"));
    try { peer(frame.contentWindow.RTCPeerConnection); } catch {}
    const other = document.createElement("iframe");
    other.srcdoc = ${JSON.stringify(`<script>${attack}</script>`).replaceAll("</", "<\\/")};
    document.body.append(other);
    document.body.append("all tried ".repeat(30));`;
  const page = await render(t, { "/": html(`<body><script>${attack}${frames}</script>`) });
  if (page === null) return;
  assert.match(page.text, /all tried/);
  assert.equal(datagrams, 0);
});
