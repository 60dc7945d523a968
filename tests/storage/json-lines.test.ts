import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { lineWithSum } from "../../src/storage/line-sum.js";
import { DamagedLineError, openJsonLines, readJsonLines, type ReadLines } from "../../src/storage/json-lines.js";
import { long, repository, temporaryFolder } from "../support/program.js";
import fc, { anyText } from "../support/properties.js";
import { sourceLoader } from "../support/source-loader.js";

const withoutPlaces = ({ places: _places, count: _count, ...read }: ReadLines<unknown>): object => read;

test("says where each line stands, and reads on from one", async (t) => {
  const file = join(await temporaryFolder(t), "lines.jsonl");
  await writeFile(file, '\ufeff{"a":1}\n\n{"b":"ü"}\n{"c"');
  const { places, count, validBytes } = await readJsonLines(file);
  assert.deepEqual(
    [places, count, validBytes],
    [
      [
        [3, 7],
        [12, 10],
      ],
      3,
      23,
    ],
  );
  const rest = await readJsonLines(file, { behind: { bytes: 12, lines: 2 } });
  assert.deepEqual([rest.lines, rest.places, rest.count], [[{ b: "ü" }], [[12, 10]], 3]);
});

test("gives back what was appended, line by line", async (t) => {
  const file = join(await temporaryFolder(t), "a.jsonl");
  const lines = openJsonLines(file);
  lines.append({ text: "Zeile\n\u2028\u2029\r 中文 😀" }, { sync: true });
  lines.append('{"already":"json"}');
  lines.append([1, 2]);
  assert.throws(() => lines.append("1\n2"), TypeError);
  lines.close();
  const { size } = await stat(file);
  const expected = [{ text: "Zeile\n\u2028\u2029\r 中文 😀" }, { already: "json" }, [1, 2]];
  assert.deepEqual(withoutPlaces(await readJsonLines(file)), { lines: expected, validBytes: size, torn: false });
});

test("lines that are appended together are there one by one, and all of them or none", async (t) => {
  const file = join(await temporaryFolder(t), "a.jsonl");
  const lines = openJsonLines(file);
  lines.appendAll(['{"a":"ü"}', "[1]"], { sync: true });
  assert.throws(() => lines.appendAll(["1", "2\n3"]), TypeError);
  lines.appendAll(["4"]);
  lines.close();
  assert.equal(await readFile(file, "utf8"), '{"a":"ü"}\n[1]\n4\n');
});

test("splits at newlines alone, wherever the chunks of reading end", async (t) => {
  const file = join(await temporaryFolder(t), "a.jsonl");
  const value = fc.oneof(anyText(40), fc.integer(), fc.constant("中".repeat(500_000)));
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 6 }), async (values) => {
      await writeFile(file, values.map((each) => `${JSON.stringify(each)}\n`).join(""));
      assert.deepEqual((await readJsonLines(file)).lines, JSON.parse(JSON.stringify(values)));
    }),
    { numRuns: long ? 30 : 8 },
  );
});

test("forgives a torn last line and says where the whole lines end, cut at any byte", async (t) => {
  const file = join(await temporaryFolder(t), "a.jsonl");
  const whole = '{"a":1}\n{"b":"中文"}\n';
  const bytes = Buffer.from(whole);
  const firstEnd = whole.indexOf("\n") + 1;
  for (let length = bytes.length; length >= 0; length -= 1) {
    await writeFile(file, bytes.subarray(0, length));
    const { lines, validBytes, torn } = await readJsonLines(file);
    const expected = length === bytes.length ? 2 : length >= firstEnd ? 1 : 0;
    assert.equal(lines.length, expected);
    assert.equal(validBytes, [0, firstEnd, bytes.length][expected]);
    assert.equal(torn, length > validBytes);
  }
});

test("cuts the torn line off before it appends", async (t) => {
  const file = join(await temporaryFolder(t), "a.jsonl");
  await writeFile(file, '{"a":1}\n{"b":');
  const { validBytes } = await readJsonLines(file);
  const lines = openJsonLines(file, { cutAt: validBytes });
  lines.append({ c: 3 });
  lines.close();
  assert.equal(await readFile(file, "utf8"), '{"a":1}\n{"c":3}\n');
});

test("a bad line in the middle is an error that names the file and the line", async (t) => {
  const file = join(await temporaryFolder(t), "a.jsonl");
  await writeFile(file, '{"a":1}\nnonsense\n{"c":3}\n');
  await assert.rejects(readJsonLines(file), (error: unknown) => {
    assert.ok(error instanceof DamagedLineError);
    assert.deepEqual([error.file, error.line], [file, 2]);
    assert.match(error.message, /a\.jsonl, line 2,/);
    return true;
  });
  await writeFile(file, '{"a":1}\nnonsense\n{"c"');
  await assert.rejects(readJsonLines(file), DamagedLineError);
  await writeFile(file, '{"a":1}\nnonsense\n');
  assert.deepEqual(withoutPlaces(await readJsonLines(file)), { lines: [{ a: 1 }], validBytes: 8, torn: true });
});

test("a byte order mark and blank lines, which editors leave, are passed over, and what is appended comes behind them", async (t) => {
  const file = join(await temporaryFolder(t), "a.jsonl");
  const written = `\ufeff${lineWithSum({ a: 1 })}\r\n\n${lineWithSum({ b: 2 })}\n \t\r\n\n`;
  await writeFile(file, written);
  const { lines, validBytes, torn } = await readJsonLines<object>(file);
  assert.deepEqual(
    lines.map((line) => Object.keys(line)),
    [
      ["a", "sum"],
      ["b", "sum"],
    ],
  );
  assert.deepEqual([validBytes, torn], [Buffer.byteLength(written), false]);
  await writeFile(file, `${written}nonsense\n{}\n`);
  await assert.rejects(readJsonLines(file), { line: 6 });
});

test("a file that is missing is the system's error", async () => {
  await assert.rejects(readJsonLines("/no/such/file"), { code: "ENOENT" });
  assert.throws(() => openJsonLines("/no/such/file"), { code: "ENOENT" });
});

test("time grows linearly, for many lines and for one long line", async (t) => {
  const file = join(await temporaryFolder(t), "a.jsonl");
  // CPU time, which other programs on the machine do not stretch.
  const time = async (content: string): Promise<number> => {
    await writeFile(file, content);
    const times: number[] = [];
    for (let run = 0; run < 3; run += 1) {
      const begin = process.cpuUsage();
      await readJsonLines(file);
      const { user, system } = process.cpuUsage(begin);
      times.push(user + system);
    }
    return Math.min(...times);
  };
  const many = (count: number): string => `{"text":"${"x".repeat(100)}"}\n`.repeat(count);
  const oneLine = (megabytes: number): string => `"${"x".repeat(megabytes << 20)}"\n`;
  await time(many(10_000));
  const lines = [await time(many(10_000)), await time(many(80_000))] as const;
  const one = [await time(oneLine(2)), await time(oneLine(16))] as const;
  t.diagnostic(
    `8 times the lines: ${(lines[1] / lines[0]).toFixed(1)}; 8 times the line: ${(one[1] / one[0]).toFixed(1)}`,
  );
  // Quadratic would be 64.
  assert.ok(lines[1] / lines[0] < 32 && one[1] / one[0] < 32);
});

test("a full disk throws the system's error", { skip: process.platform !== "linux" && "needs /dev/full" }, () => {
  const lines = openJsonLines("/dev/full");
  assert.throws(() => lines.append({ a: 1 }), { code: "ENOSPC" });
  lines.close();
});

test("a failed append leaves nothing of its line behind", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "a.jsonl");
  // The shell's limit of 8 blocks lets the first part of the long line through.
  const script = `
    import { openJsonLines } from ${JSON.stringify(join(repository, "src/storage/json-lines.ts"))};
    const lines = openJsonLines(${JSON.stringify(file)});
    lines.append({ first: 1 });
    try {
      lines.append({ text: "x".repeat(100_000) });
    } catch (error) {
      console.log(error.code);
    }
    lines.append({ last: 1 });
  `;
  await writeFile(join(folder, "script.mjs"), script);
  const limited = 'trap "" XFSZ; ulimit -f 8; exec "$0" --import "$2" "$1"';
  const args = ["-c", limited, process.execPath, join(folder, "script.mjs"), sourceLoader];
  const ended = spawnSync("sh", args, {
    cwd: repository,
    encoding: "utf8",
  });
  assert.equal(ended.stdout, "EFBIG\n", ended.stderr);
  assert.equal(await readFile(file, "utf8"), '{"first":1}\n{"last":1}\n');
});
