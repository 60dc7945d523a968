import { after, test } from "node:test";
import { startFakePinecone } from "../../support/services/fake-pinecone.js";
import { loadPineconeNine } from "../../support/services/pinecone-nine.js";
import { wholeFile } from "../../support/services/services.js";
import { memoryContract } from "../contract.js";
import { atPinecone } from "./pinecone-memories.js";

const file = wholeFile();
const server = await startFakePinecone();
after(() => server.close());

memoryContract(atPinecone("pinecone", server));

const load = loadPineconeNine(file);
if (load === null) test("pinecone by the client's next major: the contract", { skip: file.problem });
else memoryContract(atPinecone("pinecone by the client's next major", server, load));
