import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf, SettingsError } from "../../errors.js";
import type { ViewerOptions } from "../viewer-options.js";
import { createApi, type Api } from "./api.js";
import { contentPolicy, pageDocument, readPageAssets, refusedDocument, refusedPolicy } from "./document.js";
import { createGuard, hostOf, type Guard } from "./guard.js";

/** A page on loopback, for whoever has its address. */
export type Viewer = {
  /** With the token in it. */
  address: string;
  /** How often a browser has reported that the page's content policy was broken. */
  violations(): number;
  close(): Promise<void>;
};

const always = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-frame-options": "DENY",
};

type Served = {
  guard: Guard;
  api: Api;
  page: string;
  policy: string;
  reports: string;
  port: number;
  violations: number;
};

/** Serves the page on a port that the system chooses. Throws SettingsError where it is missing. */
export async function serveViewer(options: ViewerOptions): Promise<Viewer> {
  const assets = await readPageAssets();
  const reports = `/reports/${randomBytes(16).toString("base64url")}`;
  const served: Served = {
    guard: createGuard(),
    api: createApi(options),
    page: pageDocument(
      assets,
      { mode: "live", runs: [...options.runs], home: options.home, fleet: options.fleet?.place ?? null },
      null,
    ),
    policy: `${contentPolicy(assets, { connect: true })}; frame-ancestors 'none'; report-uri ${reports}`,
    ...{ reports, port: 0, violations: 0 },
  };
  const server = createServer({ maxHeaderSize: 16_384 }, (request, response) => {
    answer(served, request, response).catch((thrown: unknown) => fail(response, thrown));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  served.port = (server.address() as AddressInfo).port;
  return {
    address: `http://${hostOf(served.port)}/?token=${served.guard.token}`,
    violations: () => served.violations,
    close: () => close(server, served.api),
  };
}

async function close(server: Server, api: Api): Promise<void> {
  api.close();
  server.close();
  server.closeAllConnections();
  if (server.listening) await once(server, "close");
}

async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { guard, api, page, policy, reports, port } = served;
  const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
  for (const [name, value] of Object.entries(always)) response.setHeader(name, value);
  if (request.method === "POST" && pathname === reports && request.headers.host === hostOf(port)) {
    served.violations += 1;
    request.resume();
    return void response.writeHead(204).end();
  }
  const mayNavigate = pathname === "/" && request.method === "GET";
  const refusal = guard.refusal(request, { port, mayNavigate });
  if (refusal !== null) {
    request.resume();
    const html = mayNavigate && refusal.status === 401;
    response.writeHead(
      refusal.status,
      html ? htmlHead(refusedPolicy) : { "content-type": "text/plain; charset=utf-8" },
    );
    return void response.end(html ? refusedDocument : `${refusal.text}\n`);
  }
  if (mayNavigate) return void response.writeHead(200, htmlHead(policy)).end(page);
  await api.answer(request, response);
}

const htmlHead = (policy: string) => ({
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": policy,
});

/** What cannot be done is said to the page; a fault of the program says no more than that it is one. */
function fail(response: ServerResponse, thrown: unknown): void {
  const known = thrown instanceof SettingsError;
  if (response.headersSent) return void response.end();
  response.writeHead(known ? 409 : 500, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify({ message: known ? messageOf(thrown) : "The viewer could not do this." }));
}
