import { join } from "node:path";
import type { TestContext } from "node:test";
import { createWeb, type Web, type WebOptions } from "../../src/web/web.js";
import { repository } from "../support/program.js";

export const signal = (): AbortSignal => new AbortController().signal;

type Overrides = Partial<Omit<WebOptions, "guard">> & { guard?: Partial<WebOptions["guard"]> };

/** A web with short times, without a browser unless one is asked for, that reaches nothing but the allowedHosts it is given. */
export function testWeb(t: TestContext, { guard, ...options }: Overrides = {}): Web {
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
