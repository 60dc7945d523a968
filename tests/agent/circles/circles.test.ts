import assert from "node:assert/strict";
import { test } from "node:test";
import { circles, honest } from "./scenarios.js";
import { walk, type Act } from "./walk.js";

for (const [name, { acts, round }] of Object.entries(circles)) {
  test(`a circle is found within five rounds, and led up the ladder: ${name}`, async () => {
    const { found, error, steps } = await walk(acts);
    const [first] = found;
    assert.ok(first && first.step <= 5 * round, `found at step ${first?.step}, rounds of ${round}`);
    const rungs = found.map(({ rung }) => rung);
    assert.deepEqual(
      rungs,
      rungs.map((_, index) => index + 1),
      "one rung after the other",
    );
    // The loop ends by itself at ten commands that it does not have.
    if (steps.every(({ outcome }) => outcome === "not-runnable")) return assert.ok(rungs.length >= 3);
    assert.equal(error?.reason, "going-in-circles");
    assert.equal(rungs.length, 5);
  });
}

test("there are thirty circles and sixty kinds of honest work", () => {
  assert.ok(Object.keys(circles).length >= 30, `${Object.keys(circles).length} circles`);
  assert.ok(Object.keys(honest).length >= 60, `${Object.keys(honest).length} kinds of work`);
});

for (const [name, acts] of Object.entries(honest)) {
  test(`honest work is no circle: ${name}`, async () => {
    const { found } = await walk(acts);
    assert.deepEqual(found, []);
  });
}

const read: Act = { name: "read_file", args: { file: "a.txt" }, said: "hello" };
const repeat = (count: number): Act[] => Array.from({ length: count }, () => read);

test("the model is told what repeats, then asked for a new plan out of facts, then asked otherwise, then shown less", async () => {
  const guidanceAfter = async (count: number) => (await walk(repeat(count))).circles.guidance();

  assert.deepEqual(await guidanceAfter(2), { remark: null, otherwise: false, leftOut: new Set() });
  const told = await guidanceAfter(3);
  assert.equal(
    told.remark,
    'You are repeating yourself. read_file with {"file":"a.txt"} was used in steps 1, 2 and 3, each time with the same ' +
      "result. Doing the same again will give the same result: do something else.",
  );
  const asked = await guidanceAfter(5);
  assert.match(asked.remark ?? "", /It went on in steps 4 and 5\.[^]*Make a new one out of these facts/);
  assert.match(asked.remark ?? "", /- read_file \{"file":"a\.txt"\} \(5 times, last in step 5\): hello/);
  assert.equal(asked.otherwise, false);
  assert.equal((await guidanceAfter(7)).otherwise, true);
  assert.deepEqual([...(await guidanceAfter(9)).leftOut], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const { error } = await walk(repeat(20));
  assert.match(error?.message ?? "", /^The run went in circles, and nothing .* helped\. read_file with/);
});

test("another step ends what is said; after ten the ladder begins anew", async () => {
  const others = (count: number): Act[] =>
    Array.from({ length: count }, (_, at) => ({ ...read, args: { file: `${at}` }, said: `content ${at}` }));
  const { circles: after } = await walk([...repeat(3), ...others(1)]);
  assert.equal(after.guidance().remark, null);

  const soon = await walk([...repeat(3), ...others(9), ...repeat(2)]);
  assert.deepEqual(
    soon.found.map(({ rung }) => rung),
    [1, 2],
  );
  const later = await walk([...repeat(3), ...others(10), ...repeat(3)]);
  assert.deepEqual(
    later.found.map(({ rung }) => rung),
    [1, 1],
  );
});

test("who looks in one place after the other is told that nothing was found, and not ended within fifty of them", async () => {
  const scans: Record<string, (at: number) => Act> = {
    "files without the word": (at) => ({
      ...{ name: "search_text", args: { pattern: "TODO", directory: `${at}` }, said: "Nothing found in 1 file." },
      plan: "- look through every file",
    }),
    "dead links": (at) => ({
      name: "browse_website",
      args: { url: `http://h${at}.example/` },
      said: "Error: 404",
      ok: false,
    }),
  };
  for (const [name, scan] of Object.entries(scans)) {
    const { found, error } = await walk(Array.from({ length: 50 }, (_, at) => scan(at)));
    assert.equal(error, null, name);
    assert.deepEqual(
      found.map(({ step }) => step),
      [5, 20, 35, 50],
      name,
    );
  }
  const { error } = await walk(Array.from({ length: 30 }, () => scans["dead links"]?.(1) as Act));
  assert.equal(error?.reason, "going-in-circles");
});

test("what the user says ends a circle", async () => {
  const said: Act = { name: "do_nothing", outcome: "feedback", said: "Human feedback: once more" };
  const { found, circles: after } = await walk([...repeat(3), said]);
  assert.equal(found.length, 1);
  assert.equal(after.guidance().remark, null);
});

test("a run that goes on stands where it stood on the ladder", async () => {
  const whole = await walk(repeat(9));
  for (let cut = 1; cut < 9; cut += 1) {
    const before = await walk(repeat(cut));
    const rest = await walk(repeat(9 - cut), before);
    assert.deepEqual([...before.found, ...rest.found], whole.found, `cut after step ${cut}`);
    assert.deepEqual(rest.circles.guidance(), whole.circles.guidance());
  }
});
