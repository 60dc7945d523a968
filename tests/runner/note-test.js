// Imported by each process of test files before these: notes which test runs since when, for whoever ends a test that hangs.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach } from "node:test";

const notes = new URL(import.meta.url).searchParams.get("folder") ?? "";
/** @type {string[]} */
const titles = [];
const note = () =>
  writeFileSync(join(notes, `${process.pid}.json`), JSON.stringify({ pid: process.pid, titles, since: Date.now() }));

beforeEach((context) => {
  if (!("after" in context)) return;
  titles.push(context.name);
  note();
  // Behind a test that skips itself there is no afterEach.
  context.after(() => {
    titles.splice(titles.lastIndexOf(context.name), 1);
    note();
  });
});

process.on("SIGUSR2", () => process.report.writeReport(join(notes, `${process.pid}.report`)));
note();
