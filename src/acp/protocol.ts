import type * as Acp from "@agentclientprotocol/sdk";
import type { Mask } from "../base/mask.js";
import { loadPackage } from "../base/packages/added.js";
import { howToAdd } from "../base/packages/parts.js";
import { codeOf } from "../base/system-error.js";
import { messageForPerson, RunError, SettingsError } from "../errors.js";

export type Sdk = typeof Acp;
export type Client = Pick<Acp.AgentContext, "notify" | "request">;
export type Update = Acp.SessionUpdate;
export type StopReason = Acp.StopReason;
export type ClientCapabilities = Acp.ClientCapabilities;

/** The official library. Throws SettingsError where it is not installed. */
export const loadSdk = (): Promise<Sdk> =>
  loadPackage("@agentclientprotocol/sdk", () => import("@agentclientprotocol/sdk")).catch((thrown: unknown) => {
    if (codeOf(thrown) !== "ERR_MODULE_NOT_FOUND" && codeOf(thrown) !== "MODULE_NOT_FOUND") throw thrown;
    throw new SettingsError(
      `The package @agentclientprotocol/sdk is not there, and editors are spoken to with it. ${howToAdd("acp")}`,
      { cause: thrown },
    );
  });

/** Error codes of the protocol. */
export const codes = { invalidParams: -32602, internal: -32603, authRequired: -32000, notFound: -32002 } as const;

/** A request that is refused; the message is what a person reads in the editor. */
export type Refuse = (code: number, message: string, data?: object) => Error;

export const refusing =
  ({ RequestError }: Sdk): Refuse =>
  (code, message, data) =>
    new RequestError(code, message, data);

/** What went wrong, as an answer to a request: its message is for the person. Anything that is no RunError stays what it is. */
export const asRefusal = (thrown: unknown, refuse: Refuse): unknown =>
  thrown instanceof RunError
    ? refuse(codes.internal, messageForPerson(thrown), thrown instanceof SettingsError ? { reason: "settings" } : {})
    : thrown;

/** The same client; no secret is in what it is sent. */
export const masked = (client: Client, mask: Mask): Client => ({
  notify: (method: string, params?: unknown) => client.notify(method, mask(params)),
  request: <Response>(method: string, params?: unknown, options?: Acp.SendRequestOptions) =>
    client.request<Response>(method, mask(params), options),
});

/** A text as content of a message. */
export const textContent = (text: string): { type: "text"; text: string } => ({ type: "text", text });
