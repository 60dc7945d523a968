import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { Artifacts } from "../../../src/fleet/artifacts/artifacts.js";
import { StoreDownError } from "../../../src/fleet/store/run-store.js";
import { long } from "../../support/program.js";

/** A place that these tests may take away and bring back. */
export type PlaceOfArtifacts = {
  name: string;
  open(): Promise<Artifacts>;
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
};

/** What every place for contents promises. */
export function artifactsContract({ name, open, takeAway, bringBack }: PlaceOfArtifacts): void {
  test(`${name}: contents come back as they were, are listed by their run, and go`, async () => {
    const place = await open();
    const [bytes, other] = [randomBytes(100_000), Buffer.from("other")];
    await place.put("run-1/2/aa", bytes);
    await place.put("run-1/2/aa", bytes);
    await place.put("run-1/10/bb", other);
    await place.put("run-10/1/cc", other);
    await place.put("top", other);
    assert.deepEqual(await place.get("run-1/2/aa"), bytes);
    assert.deepEqual(await place.get("top"), other);
    assert.equal(await place.get("run-1/2/bb"), null);
    assert.equal(await place.get("nobody/2/bb"), null);
    assert.deepEqual((await place.list("run-1")).sort(), ["run-1/10/bb", "run-1/2/aa"]);
    assert.deepEqual(await place.list("nobody"), []);
    await place.remove("run-1/2/aa");
    await place.remove("run-1/2/aa");
    await place.remove("nobody/1/aa");
    assert.equal(await place.get("run-1/2/aa"), null);
    assert.deepEqual(await place.list("run-1"), ["run-1/10/bb"]);
    await place.removeAll("run-1");
    await place.removeAll("nobody");
    assert.deepEqual([await place.list("run-1"), await place.list("run-10")], [[], ["run-10/1/cc"]]);
    place.close();
  });

  test(`${name}: all of many contents are listed`, async () => {
    const place = await open();
    const count = long ? 1_100 : 20;
    const names = Array.from({ length: count }, (_one, index) => `many/1/${String(index).padStart(64, "0")}`);
    for (let first = 0; first < count; first += 20)
      await Promise.all(names.slice(first, first + 20).map((one) => place.put(one, Buffer.from("x"))));
    assert.deepEqual((await place.list("many")).sort(), names);
    place.close();
  });

  test(`${name}: a place that is away is told, and is no place that has lost something`, async () => {
    const place = await open();
    await place.put("away/1/aa", Buffer.from("a"));
    await takeAway();
    await assert.rejects(place.put("away/1/bb", Buffer.from("b")), StoreDownError);
    await bringBack();
    assert.equal(await place.get("away/1/bb"), null);
    await place.put("away/1/bb", Buffer.from("b"));
    assert.deepEqual((await place.list("away")).sort(), ["away/1/aa", "away/1/bb"]);
    place.close();
  });
}
