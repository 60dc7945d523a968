import { after, test } from "node:test";
import { startFakePinecone } from "../support/fake-pinecone.js";
import { loadPineconeNine } from "../support/pinecone-nine.js";
import { wholeFile } from "../support/services.js";
import { memoryContract } from "./contract.js";
import { atPinecone } from "./pinecone-memories.js";

const file = wholeFile();
const server = await startFakePinecone();
after(() => server.close());

memoryContract(atPinecone("pinecone", server));

const load = loadPineconeNine(file);
if (load === null) test("pinecone by the client's next major: the contract", { skip: file.problem });
else memoryContract(atPinecone("pinecone by the client's next major", server, load));
