import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { SettingsError } from "../../errors.js";

/** A place for contents: a folder, or what begins with `prefix` in a bucket of a server that speaks S3. */
export type ArtifactsAddress =
  | { kind: "folder"; folder: string }
  | { kind: "s3"; bucket: string; prefix: string; endpoint: string | undefined; region: string | undefined };

const example = "file:///mnt/artifacts, or s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-1";

/** Reads ARTIFACTS_URL. Throws SettingsError, which shows nothing of what could be a key. */
export function artifactsAddress(text: string): ArtifactsAddress {
  if (isAbsolute(text)) return { kind: "folder", folder: text };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === "file:" && url.host === "") return { kind: "folder", folder: fileURLToPath(url) };
  if (url?.protocol !== "s3:" || url.hostname === "")
    throw new SettingsError(`ARTIFACTS_URL must be a folder's whole path, or an address such as ${example}.`);
  if (url.username !== "" || url.password !== "")
    throw new SettingsError(
      "ARTIFACTS_URL must have no keys in it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and leave out what stands before the @.",
    );
  const { endpoint, region, ...others } = Object.fromEntries(url.searchParams);
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new SettingsError(`ARTIFACTS_URL knows endpoint and region behind the ?, and not ${JSON.stringify(other)}.`);
  if (endpoint !== undefined && !isWebAddress(endpoint))
    throw new SettingsError("The endpoint in ARTIFACTS_URL must begin with https:// or http://.");
  const prefix = decoded(url.pathname).replace(/^\/+|\/+$/g, "");
  return { kind: "s3", bucket: url.hostname, prefix: prefix === "" ? "" : `${prefix}/`, endpoint, region };
}

const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
