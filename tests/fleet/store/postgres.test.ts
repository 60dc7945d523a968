import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { startPostgres } from "../../support/services/postgres-server.js";
import { freePort } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { fetchContract } from "../watch/fetch-contract.js";
import { removeContract } from "../watch/remove-contract.js";
import { storeContract } from "./contract.js";

const file = wholeFile();
const server = await startPostgres(file);

if (server === null) test("the fleet on PostgreSQL", { skip: file.problem });
else {
  removeContract("a fleet on PostgreSQL", () => server.url);
  fetchContract("a fleet on PostgreSQL", () => server.url);
  storeContract({ name: "PostgreSQL", open: () => openStore(server.url), kill: server.kill, start: server.start });

  test("several starts at once make the tables once", async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(server.url)));
    for (const store of stores) await store.close();
  });

  test("a PostgreSQL that is not there, or that lets nobody in, is told as that", async () => {
    await assert.rejects(
      openStore(`postgres://autogpt@127.0.0.1:${await freePort()}/postgres`),
      /does not answer .*name another one in QUEUE_URL/,
    );
    await assert.rejects(
      openStore(`${server.url}-missing`),
      /refuses what the fleet needs: database "postgres-missing"/,
    );
  });
}
