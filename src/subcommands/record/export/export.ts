import { maskOfForeign, type Mask } from "../../../base/mask.js";
import { messageOf, SettingsError } from "../../../errors.js";
import { atif } from "./atif.js";
import { exportedRun } from "./exported-run.js";
import { otlp } from "./otlp.js";
import { chat, transcript } from "./readable.js";

export const exportFormats = ["atif", "otlp", "markdown", "chat"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** `autogpt export`: a run in one of these formats, as a text that ends with a line break; `mask` takes secrets out. */
export async function exportRun(home: string, run: string, format: ExportFormat, mask: Mask): Promise<string> {
  const exported = await exportedRun(home, run);
  if (format === "markdown") return mask(await transcript(home, exported));
  const made = maskOfForeign(mask)({ atif, otlp, chat }[format](exported));
  return `${JSON.stringify(made, null, format === "otlp" ? undefined : 2)}\n`;
}

const sendMs = 30_000;

/** Sends traces to a collector by OTLP over HTTP. Resolves to its address; throws SettingsError where it does not take them. */
export async function sendTraces(
  text: string,
  variables: { endpoint: string; headers: string | undefined },
  signal: AbortSignal,
): Promise<string> {
  const address = addressOf(variables.endpoint);
  const headers = headersIn(variables.headers ?? "");
  headers.set("content-type", "application/json");
  const response = await fetch(address, {
    ...{ method: "POST", headers, body: text },
    // Headers may hold a key, which is for this collector alone.
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(sendMs)]),
  }).catch((thrown: unknown) => {
    throw new SettingsError(`OTEL_EXPORTER_OTLP_ENDPOINT: ${address.origin} cannot be reached: ${messageOf(thrown)}.`);
  });
  if (response.ok) return `${address.origin}${address.pathname}`;
  throw new SettingsError(`OTEL_EXPORTER_OTLP_ENDPOINT: ${address.origin} answered with status ${response.status}.`);
}

/** `name=value,name=value`, values in percent encoding; a value may have more "=". No message shows a value, which may be a key. */
function headersIn(text: string): Headers {
  const headers = new Headers();
  for (const [index, pair] of text.split(",").entries()) {
    if (pair.trim() === "") continue;
    const [name = "", ...value] = pair.split("=");
    try {
      headers.set(name.trim(), decodeURIComponent(value.join("=").trim()));
    } catch {
      throw new SettingsError(
        `OTEL_EXPORTER_OTLP_HEADERS: the header ${index + 1} is none. Write name=value,name=value, with other signs in percent encoding.`,
      );
    }
  }
  return headers;
}

function addressOf(endpoint: string): URL {
  if (URL.canParse(endpoint)) {
    const url = new URL(endpoint);
    if (url.username !== "" || url.password !== "")
      throw new SettingsError(
        "OTEL_EXPORTER_OTLP_ENDPOINT has a name or password in it: give them by OTEL_EXPORTER_OTLP_HEADERS, as authorization=Basic%20….",
      );
    if (/^https?:$/.test(url.protocol)) {
      url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
      return url;
    }
  }
  throw new SettingsError("OTEL_EXPORTER_OTLP_ENDPOINT is no address that begins with http:// or https://.");
}
