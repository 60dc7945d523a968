import { join } from "node:path";

/** Where what came into a run from outside is on record. */
export const cassetteFile = (runDirectory: string): string => join(runDirectory, "cassette.jsonl");
