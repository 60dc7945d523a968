import assert from "node:assert/strict";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { ServerConfig } from "../../src/mcp/config.js";
import { createConnection } from "../../src/mcp/connect/connection.js";
import { fetchWithoutRedirects } from "../../src/mcp/connect/proxied-fetch.js";
import { loadClient } from "../../src/mcp/connect/transport.js";
import { keptLogin } from "../../src/mcp/oauth/kept-login.js";
import { loginStore } from "../../src/mcp/oauth/login-store.js";
import { loadSettings } from "../../src/settings/load.js";
import { login, logout, type McpUse } from "../../src/subcommands/mcp/mcp.js";
import { temporaryFolder } from "../support/program.js";
import { oauthSite, type OAuthSite } from "./oauth-site.js";

const noSignal = new AbortController().signal;

type Folder = { use: McpUse; logins: string; config: ServerConfig };

/** A folder whose settings name this server. */
async function folderFor(t: TestContext, { url }: OAuthSite, oauth: object | null = null): Promise<Folder> {
  const folder = await temporaryFolder(t);
  const server = { url, ...(oauth && { oauth }) };
  await writeFile(join(folder, ".mcp.json"), JSON.stringify({ mcpServers: { notes: server } }));
  const environment = { HOME: folder, XDG_STATE_HOME: join(folder, "state") };
  const loaded = await loadSettings({ cwd: folder, environment });
  return {
    use: { loaded, cwd: folder, environment, version: "1", json: false },
    logins: join(loaded.settings.home, "mcp-logins"),
    config: { kind: "http", name: "notes", file: "x", timeoutMs: 10_000, url, headers: {}, oauth: null },
  };
}

/** A browser of somebody who says yes to everything; resolves to what the last page said. */
const browse = (address: string): Promise<string> => fetch(address).then((page) => page.text());

/** Logs in, and opens what is shown. */
async function logInAt({ use }: Folder): Promise<{ said: string; page: string }> {
  let page: Promise<string> = Promise.resolve("");
  const said = await login(use, "notes", { show: (address) => void (page = browse(address)), signal: noSignal });
  return { said, page: await page };
}

async function who({ config, logins }: Folder, t: TestContext) {
  const connection = createConnection(config, { version: "1", logins });
  t.after(() => connection.close());
  return { connection, ask: async () => JSON.stringify(await connection.call("who", {}, noSignal)) };
}

test("a login goes through the user's browser, its tokens are kept for the user alone, used, renewed, and never shown", async (t) => {
  const site = await oauthSite(t);
  const folder = await folderFor(t, site);
  const without = await who(folder, t);
  await assert.rejects(
    without.connection.tools(),
    /notes wants a login, or a key in its "headers" in x: run ".*mcp login notes"/,
  );
  assert.deepEqual(site.asked, [], "nobody is registered anywhere for a run");

  const { said, page } = await logInAt(folder);
  assert.match(said, /You are logged in at notes/);
  assert.match(page, /autogpt is logged in/);
  assert.deepEqual(site.asked, ["register", "authorize", "authorization_code"]);
  const [file = ""] = await readdir(folder.logins);
  assert.equal((await stat(join(folder.logins, file))).mode & 0o777, 0o600);

  const { connection, ask } = await who(folder, t);
  assert.equal((await connection.tools()).tools.length, 1);
  assert.match(await ask(), /asked with Bearer \*+|asked with Bearer \[/);
  const kept = async () =>
    JSON.parse(await readFile(join(folder.logins, file), "utf8")) as { login: { tokens: { access_token: string } } };
  const before = (await kept()).login.tokens.access_token;
  assert.doesNotMatch(await ask(), new RegExp(before));

  site.expire();
  assert.match(await ask(), /"kind":"answered"/);
  assert.equal(site.asked.at(-1), "refresh_token");
  const after = (await kept()).login.tokens.access_token;
  assert.notEqual(after, before);
  assert.doesNotMatch(await ask(), new RegExp(after));

  site.expire(true);
  assert.match(await ask(), /"kind":"not-done","problem":"the server wants a login.*mcp login notes/);
  assert.match(await logout(folder.use, "notes"), /forgotten here/);
  assert.deepEqual(await readdir(folder.logins), []);
});

test("who is not let in is told so, and is logged in as before; what comes back with another state is turned away", async (t) => {
  const site = await oauthSite(t);
  const folder = await folderFor(t, site);
  await logInAt(folder);
  site.refuse = true;
  await assert.rejects(logInAt(folder), /Nobody was logged in at notes: the server said no: access_denied/);
  assert.match(await (await who(folder, t)).ask(), /"kind":"answered"/);

  site.refuse = false;
  let turnedAway = 0;
  const show = async (address: string): Promise<void> => {
    const redirect = new URL(new URL(address).searchParams.get("redirect_uri") ?? "");
    redirect.search = "?state=other&code=stolen";
    turnedAway = (await fetch(redirect)).status;
    await browse(address);
  };
  assert.match(
    await login(folder.use, "notes", { show: (address) => void show(address), signal: noSignal }),
    /logged in/,
  );
  assert.equal(turnedAway, 404);
});

test("a call that takes more rights than the login has says so, and the next login asks for them besides those of before", async (t) => {
  const site = await oauthSite(t);
  const folder = await folderFor(t, site);
  await logInAt(folder);
  site.callsTake = "notes:write";
  const { ask } = await who(folder, t);
  assert.match(
    await ask(),
    /"not-done","problem":"the server wants a login with more rights \(notes:write\): run \\".*mcp login notes\\", which asks for them/,
  );
  assert.deepEqual(site.scopes.slice(0, 1), ["notes"]);
  await logInAt(folder);
  assert.equal(site.scopes.at(-1), "notes notes:write");
  assert.match(await ask(), /"kind":"answered"/);
  await logInAt(folder);
  assert.equal(site.scopes.at(-1), "notes notes:write", "a login that is renewed takes nothing away");
  await logout(folder.use, "notes");
  await logInAt(folder);
  assert.equal(site.scopes.at(-1), "notes");
});

test("a client that the user has described in a document is not registered", async (t) => {
  const site = await oauthSite(t, { documents: true });
  const folder = await folderFor(t, site, { clientMetadataUrl: "https://client.example/autogpt.json" });
  await logInAt(folder);
  assert.deepEqual(site.asked, ["authorize", "authorization_code"]);
  assert.match(await (await who(folder, t)).ask(), /"kind":"answered"/);
});

/** What a run uses of the login that is kept in this folder. */
async function kept({ logins, config }: Folder) {
  const store = loginStore(logins, (config as { url: string }).url);
  const client = await loadClient();
  const login = () =>
    keptLogin({ store, oauth: null, url: (config as { url: string }).url, client, fetchFn: fetchWithoutRedirects({}) });
  return { store, login };
}

const refused = { response: new Response(null, { status: 401 }), serverUrl: new URL("http://x"), fetchFn: fetch };

test("of several runs whose login does not hold any more one renews it, and the others go on with what it got", async (t) => {
  const site = await oauthSite(t);
  const folder = await folderFor(t, site);
  await logInAt(folder);
  const { store, login } = await kept(folder);
  const runs = Array.from({ length: 4 }, login);
  const before = new Set(await Promise.all(runs.map((run) => run.token())));
  assert.equal(before.size, 1);
  await Promise.all(runs.map(async (run) => run.onUnauthorized?.(refused)));
  assert.equal(site.asked.filter((what) => what === "refresh_token").length, 1);
  const after = new Set(await Promise.all(runs.map((run) => run.token())));
  assert.deepEqual([after.size, [...after].some((token) => before.has(token))], [1, false]);

  const marks = Array.from({ length: 20 }, (_, index) => `s${index}`);
  await Promise.all(marks.map((mark) => store.change((one) => ({ ...one, missed: `${one.missed ?? ""} ${mark}` }))));
  const { missed = "", tokens } = await store.read();
  assert.deepEqual(missed.trim().split(" ").toSorted(), marks.toSorted(), "nothing of what each keeps is lost");
  assert.equal(tokens?.access_token, [...after][0]);
});

test("a login that cannot be renewed now is kept, and is none that does not hold", async (t) => {
  const site = await oauthSite(t);
  const folder = await folderFor(t, site);
  await logInAt(folder);
  site.expire();
  site.isDown = true;
  const config = { ...folder.config, headers: { "x-api-key": "for the server alone" } } as ServerConfig;
  const { connection, ask } = await who({ ...folder, config }, t);
  await assert.rejects(connection.tools(), /the login there could not be renewed now/);
  assert.match(await ask(), /"not-done","problem":".*the login there could not be renewed now/);
  site.isDown = false;
  assert.match(await ask(), /"kind":"answered"/);
  site.expire();
  site.isDown = true;
  assert.match(await ask(), /"not-done","problem":"the login there could not be renewed now: /);
  assert.deepEqual(site.keys, []);
});

test("a login that is given up half-way leaves the one before; nothing that asks at its port ends it", async (t) => {
  const site = await oauthSite(t);
  const folder = await folderFor(t, site);
  await logInAt(folder);
  const { store } = await kept(folder);
  const before = JSON.stringify(await store.read());
  const [file = ""] = await readdir(folder.logins);
  await chmod(join(folder.logins, file), 0o644);
  const stop = new AbortController();
  const odd: string[] = [];
  const show = async (address: string): Promise<void> => {
    const { port } = new URL(new URL(address).searchParams.get("redirect_uri") ?? "");
    for (const target of ["//", "http://[", "/callback?state=%", "*"]) {
      const socket = connect(Number(port), "127.0.0.1");
      socket.end(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      for await (const chunk of socket) odd.push(String(chunk).slice(9, 12));
    }
    assert.equal(JSON.stringify(await store.read()), before);
    stop.abort(new Error("stopped"));
  };
  let shown: Promise<void> = Promise.resolve();
  await assert.rejects(
    login(folder.use, "notes", { show: (address) => void (shown = show(address)), signal: stop.signal }),
    /stopped/,
  );
  await shown;
  assert.deepEqual(odd, ["404", "404", "404", "404"]);
  assert.equal(JSON.stringify(await store.read()), before);
  await store.change((one) => ({ ...one, asked: "x" }));
  assert.equal((await stat(join(folder.logins, file))).mode & 0o777, 0o600);
});

test("a program takes no login", async (t) => {
  const site = await oauthSite(t);
  const folder = await folderFor(t, site);
  const file = join(folder.use.cwd, ".mcp.json");
  await writeFile(file, JSON.stringify({ mcpServers: { notes: { command: "x" } } }));
  await assert.rejects(login(folder.use, "notes", { show: assert.fail, signal: noSignal }), /takes no login/);
});
