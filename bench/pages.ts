import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "cheerio";
import { decodeText } from "../src/base/encoding.js";
import { readPage } from "../src/documents/page/read-page.js";
import { bagOf, inCommon, spread, sum } from "./support/words.js";

/** Where the pages are asked from; their tests say so, too. */
const address = "http://fakehost/test/page.html";

type Figures = { name: string; recall: number; precision: number; lines: number; kept: number };

/**
 * How much of what Readability's own pages say is read (`npm run bench pages FOLDER`, where FOLDER is `test/test-pages` of
 * mozilla/readability): words as a bag against `expected.html`, and lines of `<pre>` that are kept as they are.
 */
export async function benchPages(folder: string | undefined): Promise<void> {
  if (folder === undefined) {
    console.log("left out: needs the folder test/test-pages of mozilla/readability as an argument");
    return;
  }
  const pages: Figures[] = [];
  for (const name of readdirSync(folder)) pages.push(await figuresOf(folder, name));
  const lines = sum(pages.map((page) => page.lines));
  const kept = sum(pages.map((page) => page.kept));
  console.log(`${pages.length} pages; recall ${spread(pages.map(({ recall }) => recall))}`);
  console.log(`precision ${spread(pages.map(({ precision }) => precision))}`);
  console.log(`code: ${kept} of ${lines} lines kept as they are (${((100 * kept) / lines).toFixed(1)} %)`);
  const worst = [...pages].sort((one, other) => one.recall + one.precision - other.recall - other.precision);
  for (const { name, recall, precision } of worst.slice(0, 8)) {
    console.log(`  ${name}: recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)}`);
  }
}

async function figuresOf(folder: string, name: string): Promise<Figures> {
  const source = decodeText(readFileSync(join(folder, name, "source.html"))).text;
  const expected = readFileSync(join(folder, name, "expected.html"), "utf8");
  const { text } = await readPage(source, { url: address });
  const wanted = bagOf(shownText(expected));
  const got = bagOf(text);
  const common = inCommon(wanted, got);
  const code = linesOf(expected);
  const there = new Set(text.split("\n"));
  return {
    name,
    recall: common / sum([...wanted.values()]),
    precision: common / sum([...got.values()]),
    lines: code.length,
    kept: code.filter((line) => there.has(line)).length,
  };
}

/** The text of HTML by another way than the program's: tags of inline elements are nothing, others are a space. */
function shownText(html: string): string {
  const inline =
    /<\/?(?:a|abbr|b|bdi|cite|code|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|time|u|var)\b[^>]*>/gi;
  return load(
    html
      .replace(/<(script|style|svg)\b[\s\S]*?<\/\1>/gi, " ")
      .replace(inline, "")
      .replace(/<[^>]+>/g, " "),
  ).text();
}

const linesOf = (html: string): string[] => {
  const page = load(html);
  return page("pre")
    .toArray()
    .flatMap((block) => page(block).text().split("\n"))
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
};
