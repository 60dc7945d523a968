import { dirname, join } from "node:path";
import { createWeb, type Web, type WebOptions } from "../../src/web/web.js";
import type { SearchSettings } from "../../src/web/search/search-settings.js";
import { repository } from "../support/program.js";
import { requireProgram, type Surroundings } from "../support/services/services.js";

export const signal = (): AbortSignal => new AbortController().signal;

/** Where engines are asked, in the order in which they are. */
export type EngineAddresses = Readonly<Record<string, string>>;

/** Engines at these addresses, each with a key `NAME-key` and, as Google has it, an engine. */
export const searchAt = (given: EngineAddresses, only?: readonly string[]): SearchSettings => ({
  only,
  spacingMs: 0,
  engines: Object.fromEntries(
    Object.entries(given).map(([name, address]) => [
      name,
      {
        key: { name: "KEY", value: `${name}-key` },
        engine: { name: "ENGINE", value: "engine" },
        address: { name: "ADDRESS", value: address },
      },
    ]),
  ),
});

type Overrides = Partial<Omit<WebOptions, "guard">> & { guard?: Partial<WebOptions["guard"]> };

/** A web with short times, without a browser unless one is asked for, that reaches nothing but the allowedHosts it is given. */
export function testWeb(t: Pick<Surroundings, "after">, { guard, ...options }: Overrides = {}): Web {
  const web = createWeb({
    guard: { allowedHosts: [], proxies: {}, connectMs: 1_000, ...guard },
    userAgent: "autogpt-test",
    timeoutMs: 60_000,
    useBrowser: "auto",
    browserChoice: { searchPath: "" },
    headless: true,
    // The built one starts faster than the sources do.
    readerFile: join(repository, "dist", "document-reader.cjs"),
    environment: { PATH: process.env["PATH"] ?? "" },
    mostDownloadBytes: 1 << 20,
    search: { only: undefined, engines: {}, spacingMs: 0 },
    ...options,
  });
  t.after(() => web.close());
  return web;
}

/** Where the real browser is; null where there is none and none can be had. */
export const browserPath = (t: Surroundings) =>
  requireProgram(t, ["chromium", "chromium-browser", "google-chrome"], "chromium");

/** A web with the real browser; null where there is none and none can be had. */
export async function withBrowser(t: Surroundings, options: Overrides) {
  const path = await browserPath(t);
  return path === null
    ? null
    : testWeb(t, { timeoutMs: 30_000, browserChoice: { path, searchPath: dirname(path) }, ...options });
}
