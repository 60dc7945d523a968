import assert from "node:assert/strict";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { artifactsAddress } from "../../../src/fleet/artifacts/address.js";
import { openFolderArtifacts } from "../../../src/fleet/artifacts/folder.js";
import { SettingsError } from "../../../src/errors.js";
import { temporaryFolder } from "../../support/program.js";
import { wholeFile } from "../../support/services/services.js";
import { artifactsContract } from "./contract.js";

const file = wholeFile();
const folder = join(await temporaryFolder(file), "shared");
await mkdir(folder);

artifactsContract({
  name: "a folder",
  open: () => openFolderArtifacts(folder),
  takeAway: () => rename(folder, `${folder}.away`),
  bringBack: () => rename(`${folder}.away`, folder),
});

test("a content that is only half in a folder is none", async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(join(root, "run", "1"), { recursive: true });
  await writeFile(join(root, "run", "1", ".draft-0000"), "half");
  const place = await openFolderArtifacts(root);
  assert.deepEqual(await place.list("run"), []);
});

test("ARTIFACTS_URL is a path, a file:// or an s3:// address; everything else is refused without showing it", () => {
  assert.deepEqual(artifactsAddress("/mnt/a b"), { kind: "folder", folder: "/mnt/a b" });
  assert.deepEqual(artifactsAddress("file:///mnt/a%20b"), { kind: "folder", folder: "/mnt/a b" });
  const s3 = { kind: "s3", bucket: "my.bucket", prefix: "", endpoint: undefined, region: undefined };
  assert.deepEqual(artifactsAddress("s3://my.bucket"), s3);
  assert.deepEqual(artifactsAddress("s3://my.bucket/a/b/?endpoint=http://127.0.0.1:9&region=eu-1"), {
    ...{ ...s3, prefix: "a/b/", endpoint: "http://127.0.0.1:9", region: "eu-1" },
  });
  const refused: [string, RegExp][] = [
    ["relative/path", /a folder's whole path/],
    ["file://host/path", /a folder's whole path/],
    ["https://bucket.example", /a folder's whole path/],
    ["s3://", /a folder's whole path/],
    ["s3://AKIA:hunter2hunter2@bucket", /must have no keys in it/],
    ["s3://bucket?secret=hunter2hunter2", /knows endpoint and region behind the \?, and not "secret"/],
    ["s3://bucket?endpoint=ftp://x", /must begin with https/],
  ];
  for (const [text, message] of refused)
    assert.throws(
      () => artifactsAddress(text),
      (thrown) => thrown instanceof SettingsError && message.test(thrown.message) && !/hunter2/.test(thrown.message),
      text,
    );
});
