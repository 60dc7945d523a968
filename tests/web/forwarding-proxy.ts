import { createServer } from "node:http";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { listenLocally } from "../support/services/local-server.js";

/** A proxy that counts where it is asked to connect to, and connects to `site` whatever it was asked. */
export async function startProxy(t: TestContext, site: { port: number }) {
  const asked: { target: string; authorization: string | undefined }[] = [];
  const server = createServer((_request, response) => void response.writeHead(405).end());
  server.on("connect", (request, socket) => {
    asked.push({ target: request.url ?? "", authorization: request.headers["proxy-authorization"] });
    const onward = connect(site.port, "127.0.0.1");
    socket.on("error", () => onward.destroy());
    onward.on("error", () => socket.destroy());
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    socket.pipe(onward).pipe(socket);
  });
  const port = await listenLocally(server);
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port, asked };
}
