import { messageOf } from "../../errors.js";
import { cleanText } from "./clean-text.js";
import { decodePage } from "./decode-page.js";
import { readHtml } from "./html-text.js";
import type { PageText, ReadAnswer, ReadOrder } from "./page-text.js";
import { MissingPackage, readPdf } from "./pdf-text.js";

// The program of a process that reads one document and ends; read-document.ts starts it. Documents come from strangers:
// whatever they do to a parser, it is this process that hangs or grows, and it knows nothing and is ended.
process.once("message", (order: ReadOrder) => {
  void answer(order).then((given) => process.send?.(given, () => process.disconnect()));
});

async function answer(order: ReadOrder): Promise<ReadAnswer> {
  try {
    return { ok: true, page: await read(order) };
  } catch (thrown) {
    const problem = thrown instanceof MissingPackage ? "missing-unpdf" : "unreadable";
    return { ok: false, problem, why: messageOf(thrown).slice(0, 200) };
  }
}

async function read({ bytes, url, kind, charset }: ReadOrder): Promise<PageText> {
  if (kind === "pdf") return readPdf(bytes);
  const text = await decodePage(bytes, charset);
  return kind === "html" ? readHtml(text, url) : { title: "", text: cleanText(text), links: [], shell: false };
}
