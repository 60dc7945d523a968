import { createHmac } from "node:crypto";

/** What begins a secret that is written in base64. */
const encoded = "whsec_";

/**
 * The headers by which a receiver knows who sent a body, and when, as Standard Webhooks (standardwebhooks.com) has them:
 * HMAC-SHA256 over id, seconds since 1970 and body. Without a secret there is no signature.
 */
export function signedHeaders(id: string, body: string, secret: string | undefined, now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (secret === undefined) return headers;
  const key = secret.startsWith(encoded) ? Buffer.from(secret.slice(encoded.length), "base64") : Buffer.from(secret);
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${signature}` };
}
