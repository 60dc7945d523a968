import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { temporaryFolder } from "../../support/program.js";
import type { Surroundings } from "../../support/services/services.js";

export type S3Server = {
  /** What AWS_ variables hold that it knows. */
  keys: { AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string };
  /** The address of a bucket, as ARTIFACTS_URL takes it. */
  urlOf(bucket: string): string;
  /** Where the bucket's objects lie. */
  folder: string;
  stop(): Promise<void>;
  start(): Promise<void>;
};

type Options = {
  address: string;
  port: number;
  silent: boolean;
  directory: string;
  configureBuckets: { name: string }[];
  allowMismatchedSignatures: boolean;
};
type Program = { run(): Promise<AddressInfo>; close(): Promise<void>; httpServer: Server };

/**
 * A server that speaks S3, and has one bucket, `fleet`. It reads the path of a listing otherwise than the client signs it, so it looks at
 * signatures only where it is told to be `strict`.
 */
export async function startS3(t: Surroundings, { strict = false } = {}): Promise<S3Server> {
  // It has no types.
  const name = "@20minutes/s3rver";
  const { default: S3rver } = (await import(name)) as { default: new (options: Options) => Program };
  const folder = await temporaryFolder(t);
  let [port, running] = [0, null as Program | null];
  const start = async (): Promise<void> => {
    const options = { address: "127.0.0.1", port, silent: true, directory: folder };
    const configureBuckets = [{ name: "fleet" }];
    running = new S3rver({ ...options, configureBuckets, allowMismatchedSignatures: !strict });
    ({ port } = await running.run());
  };
  const stop = async (): Promise<void> => {
    running?.httpServer.closeAllConnections();
    await running?.close();
    running = null;
  };
  await start();
  t.after(stop);
  return {
    keys: { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" },
    urlOf: (bucket) => `s3://${bucket}/some/where?endpoint=http://127.0.0.1:${port}`,
    ...{ folder, stop, start },
  };
}
