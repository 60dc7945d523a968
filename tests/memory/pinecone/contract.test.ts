import { after, test } from "node:test";
import { startFakePinecone } from "../../support/services/fake-pinecone.js";
import { loadPineconeNine } from "../../support/services/pinecone-nine.js";
import { wholeFile } from "../../support/services/services.js";
import { memoryContract } from "../contract.js";
import { atService } from "../service-memories.js";
import { pineconeAt, pineconeFacts } from "./service.js";

const file = wholeFile();
const server = await startFakePinecone();
after(() => server.close());

memoryContract(atService(pineconeAt(server), { name: "pinecone", ...pineconeFacts }));

const load = loadPineconeNine(file);
if (load === null) test("pinecone by the client's next major: the contract", { skip: file.problem });
else
  memoryContract(
    atService(pineconeAt(server, load), { name: "pinecone by the client's next major", ...pineconeFacts }),
  );
