import assert from "node:assert/strict";
import { test } from "node:test";
import { artifactsAddress } from "../../../src/fleet/artifacts/address.js";
import { openS3Artifacts } from "../../../src/fleet/artifacts/s3.js";
import { StoreDownError } from "../../../src/fleet/store/run-store.js";
import { startS3, type S3Server } from "./s3-server.js";
import { wholeFile } from "../../support/services/services.js";
import { artifactsContract } from "./contract.js";

const file = wholeFile();
const server = await startS3(file);

function openBucket(at: S3Server, bucket: string, variables: Record<string, string>) {
  const address = artifactsAddress(at.urlOf(bucket));
  assert.ok(address.kind === "s3");
  return openS3Artifacts(address, (name) => variables[name]);
}

artifactsContract({
  name: "a bucket",
  open: () => openBucket(server, "fleet", server.keys),
  takeAway: server.stop,
  bringBack: server.start,
});

test("a wrong key or a bucket that is not there is told by the server's own word, without the key", async () => {
  const strict = await startS3(file, { strict: true });
  const secret = "wrong-secret-of-somebody";
  const stranger = await openBucket(strict, "fleet", { ...strict.keys, AWS_SECRET_ACCESS_KEY: secret });
  await assert.rejects(
    stranger.get("run/1/aa"),
    (thrown) =>
      thrown instanceof StoreDownError &&
      /^s3:\/\/fleet\/some\/where\/ cannot be used \(SignatureDoesNotMatch 403: /.test(thrown.message) &&
      !thrown.message.includes(secret),
  );
  const nowhere = await openBucket(strict, "nowhere", strict.keys);
  await assert.rejects(nowhere.get("run/1/aa"), /cannot be used \(NoSuchBucket 404: /);
  await assert.rejects(nowhere.put("run/1/aa", Buffer.from("a")), /NoSuchBucket/);
});
