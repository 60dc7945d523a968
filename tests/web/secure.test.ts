import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { repository } from "../support/program.js";
import { requireProgram } from "../support/services/services.js";
import { listenLocally } from "../support/services/local-server.js";
import { sourceLoader } from "../support/source-loader.js";

const run = promisify(execFile);

test("https pages are read where the certificate is right for the name, and nowhere else", async (t) => {
  const openssl = await requireProgram(t, ["openssl"], "openssl");
  if (openssl === null) return;
  const folder = await mkdtemp(join(tmpdir(), "autogpt-tls-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  await run(openssl, [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    cert,
    ...subject,
  ]);
  const server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (_request, response) => {
    response.writeHead(200, { "content-type": "text/plain" }).end("over a secure line");
  });
  server.on("tlsClientError", () => undefined);
  const port = await listenLocally(server);
  t.after(() => server.close());

  const script = join(repository, "tests", "web", "read-one-page.ts");
  const read = async (host: string, trusted: boolean): Promise<string> => {
    const env = { PATH: process.env["PATH"], ...(trusted && { NODE_EXTRA_CA_CERTS: cert }) };
    return (
      await run(process.execPath, ["--import", sourceLoader, script, `${host}:${port}`], { env, cwd: repository })
    ).stdout;
  };
  assert.match(await read("localhost", true), /over a secure line/);
  assert.match(await read("localhost", false), /no secure connection can be made \((DEPTH_ZERO_)?SELF_SIGNED_CERT/);
  assert.match(await read("127.0.0.1", true), /no secure connection can be made \(ERR_TLS_CERT_ALTNAME_INVALID/);
});
