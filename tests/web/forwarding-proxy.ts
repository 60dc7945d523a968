import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { TestContext } from "node:test";

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
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}
