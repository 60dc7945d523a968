import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { SettingsError } from "../../errors.js";
import type { Start } from "../shapes.js";

/** The page's code and looks, as the build makes them. */
export type PageAssets = { script: string; style: string };

/** Beside the bundle; where the program is run from its sources, in what was built last. */
const places = ["./", "../../../dist/"];

/** Throws SettingsError where the program was not built. */
export async function readPageAssets(): Promise<PageAssets> {
  for (const place of places) {
    const read = (name: string): Promise<string> => readFile(new URL(`${place}${name}`, import.meta.url), "utf8");
    try {
      return { script: await read("viewer-page.js"), style: await read("viewer-page.css") };
    } catch {
      // It may be in the other place.
    }
  }
  throw new SettingsError("The page of autogpt view is missing: install the package again, or run npm run build.");
}

/** What the page may do: run its own script and use its own looks, known by their hashes, and nothing besides. `connect`: talk to its server. */
export function contentPolicy({ script, style }: PageAssets, { connect }: { connect: boolean }): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "img-src data:",
    ...(connect ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

const hashOf = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;

/** One file that needs no other. With `policy` it holds its own, for where no server sends one. */
export function pageDocument({ script, style }: PageAssets, start: Start, policy: string | null): string {
  const meta = policy === null ? "" : `<meta http-equiv="Content-Security-Policy" content="${policy}">\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${meta}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>autogpt</title>
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<script type="application/json" id="start">${inScript(start)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON that cannot end the element that it stands in, nor begin another one. */
const inScript = (value: unknown): string => JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escaped);
const escaped = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;

const again =
  'const token=sessionStorage.getItem("token");sessionStorage.removeItem("token");' +
  'if(token!==null&&/^[\\w-]+$/.test(token))location.replace("/?token="+token);';

/** What is shown to whoever comes without the token; a tab that had it takes it from where it was kept, once. */
export const refusedDocument = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>autogpt view</title></head>
<body><p>Open the address that <code>autogpt view</code> has printed.</p><script>${again}</script></body></html>
`;
export const refusedPolicy = `default-src 'none'; script-src '${hashOf(again)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
