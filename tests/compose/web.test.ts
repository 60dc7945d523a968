import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createRunWeb, webOptions } from "../../src/compose/web.js";
import { SettingsError } from "../../src/errors.js";
import { loadSettings } from "../../src/settings/load.js";
import { describeSearch } from "../../src/web/search/engines.js";
import { describeBrowser } from "../../src/web/web.js";

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "autogpt-web-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function settingsOf(t: TestContext, environment: Record<string, string>) {
  return (await loadSettings({ cwd: await temporary(t), environment })).settings;
}

test("what settings make of the web can be told without opening it", async (t) => {
  const folder = await temporary(t);
  const browser = join(folder, "my-browser");
  await writeFile(browser, "#!/bin/sh\n");
  await chmod(browser, 0o755);
  const settings = await settingsOf(t, { BRAVE_API_KEY: "key", PUPPETEER_EXECUTABLE_PATH: browser });
  const { search, browserChoice } = webOptions(settings);
  const ready = describeSearch(search).filter(({ lacks }) => lacks.length === 0);
  assert.deepEqual(
    ready.map(({ name }) => name),
    ["brave", "duckduckgo"],
  );
  assert.deepEqual(await describeBrowser(browserChoice), { path: browser, text: browser });
  await rm(browser);
  const { path, text } = await describeBrowser(browserChoice);
  assert.equal(path, null);
  assert.match(text, /^No browser was found on this machine\. Install Chromium.*apt-get install chromium/);
});

test("a browser that speaks another protocol is not tried, whether it is installed or not", async (t) => {
  const folder = await temporary(t);
  await writeFile(join(folder, "firefox"), "#!/bin/sh\n");
  await chmod(join(folder, "firefox"), 0o755);
  const { path, text } = await describeBrowser({ name: "firefox", searchPath: folder });
  assert.equal(path, null);
  assert.match(text, /firefox cannot/);
});

test("a search engine that is named and not configured is refused at once", async (t) => {
  const settings = await settingsOf(t, { SEARCH_PROVIDER: "google" });
  assert.throws(() => createRunWeb(settings), {
    name: "SettingsError",
    message: /names google, which needs GOOGLE_API_KEY and CUSTOM_SEARCH_ENGINE_ID/,
  });
});

test("proxies are taken with and without http:// in front, and others are refused", async (t) => {
  const settings = await settingsOf(t, {
    HTTPS_PROXY: "proxy.example:3128",
    http_proxy: "https://me:pw@other.example",
  });
  assert.deepEqual(webOptions(settings).guard.proxies, {
    http: "https://me:pw@other.example",
    https: "http://proxy.example:3128",
    except: undefined,
  });
  await assert.rejects(settingsOf(t, { HTTPS_PROXY: "socks5://me:secret@proxy.example" }), (thrown: Error) => {
    assert.ok(thrown instanceof SettingsError);
    assert.match(thrown.message, /HTTPS_PROXY.*must be the address of an HTTP proxy/s);
    assert.doesNotMatch(thrown.message, /secret/);
    return true;
  });
});
