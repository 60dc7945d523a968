import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readDocument } from "../src/documents/read-document.js";
import { messageOf } from "../src/errors.js";
import { bagOf, inCommon, spread, sum } from "./support/words.js";

/** A PDF of fewer words says little about reading: a caption, a page number. */
const leastWords = 20;

/**
 * How much of the words that pdftotext finds in PDFs is read (`npm run bench pdfs FOLDER`, all PDFs below it): words as a bag.
 * Needs pdftotext; files that it cannot read, or that have fewer than 20 words, are counted and left out.
 */
export async function benchPdfs(folder: string | undefined): Promise<void> {
  if (folder === undefined) {
    console.log("left out: needs a folder with PDFs as an argument");
    return;
  }
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.pdf$/i.test(name));
  const recalls: { file: string; recall: number }[] = [];
  const failed: string[] = [];
  let few = 0;
  for (const file of files.sort()) {
    const wanted = bagOf(wordsByPoppler(join(folder, file)));
    const words = sum([...wanted.values()]);
    if (words < leastWords) few += 1;
    else {
      const text = await read(join(folder, file)).catch((error: unknown) => {
        failed.push(`${file}: ${messageOf(error)}`);
        return "";
      });
      recalls.push({ file, recall: inCommon(wanted, bagOf(text)) / words });
    }
  }
  console.log(`${recalls.length} PDFs against pdftotext, ${few} others have fewer than ${leastWords} words for it`);
  console.log(`recall ${spread(recalls.map(({ recall }) => recall))}; ${failed.length} could not be read`);
  for (const line of failed.slice(0, 8)) console.log(`  ${line}`);
  const worst = recalls.sort((one, other) => one.recall - other.recall).slice(0, 8);
  for (const { file, recall } of worst) console.log(`  ${file}: recall ${recall.toFixed(3)}`);
}

const read = async (file: string): Promise<string> =>
  readDocument(basename(file), readFileSync(file), { environment: {}, signal: AbortSignal.timeout(120_000) });

function wordsByPoppler(file: string): string {
  try {
    return execFileSync("pdftotext", [file, "-"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 60_000,
      maxBuffer: 2 ** 28,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
    return "";
  }
}
