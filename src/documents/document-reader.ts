import { decodeText, lostNote } from "../base/encoding.js";
import { keepCode } from "../base/process/kept-code.js";
import { plainText } from "../base/text.js";
import { messageOf } from "../errors.js";
import { textOnly, type DocumentText, type ReadAnswer, type ReadMessage, type ReadOrder } from "./document.js";
import { DocumentError, tooMuch } from "./document-error.js";
import { endWithParent } from "./end-with-parent.js";

// The program of a process that reads one document and ends; read-apart.ts starts it. Documents come from strangers:
// whatever they do to a parser, it is this process that hangs or grows, and it knows nothing and is ended.
process.once("message", ({ order, isGuarded }: ReadMessage) => {
  if (!isGuarded) endWithParent();
  void answer(order).then((given) => {
    // A page needs most of what there is, and many are read.
    if (order.kind === "page") keepCode();
    process.send?.(given, () => process.disconnect());
  });
});

async function answer(order: ReadOrder): Promise<ReadAnswer> {
  try {
    return { ok: true, read: await read(order) };
  } catch (thrown) {
    // A stack that overflows is a RangeError.
    const problem = thrown instanceof RangeError ? tooMuch() : thrown;
    const kind = problem instanceof DocumentError ? problem.kind : "damaged";
    return { ok: false, kind, message: messageOf(problem).slice(0, 300) };
  }
}

async function read(order: ReadOrder): Promise<DocumentText> {
  const { kind, bytes } = order;
  switch (kind) {
    case "page": {
      const decoded = decodeText(bytes, { said: [order.charset] });
      const page = await (await import("./page/read-page.js")).readPage(decoded.text, order);
      return { ...page, note: lostNote(decoded) ?? undefined };
    }
    case "html":
      return textOnly((await import("./html.js")).textOfHtml(decodeText(bytes).text));
    case "text": {
      const decoded = decodeText(bytes, { said: [order.charset] });
      return { ...textOnly(plainText(decoded.text)), note: lostNote(decoded) ?? undefined };
    }
    case "pdf":
      return (await import("./formats/pdf.js")).readPdf(bytes);
    case "docx":
      return textOnly(await (await import("./office/docx.js")).textOfDocx(bytes));
    case "spreadsheet":
      return textOnly(await (await import("./office/spreadsheet.js")).textOfSpreadsheet(bytes));
    case "presentation":
      return textOnly((await import("./office/presentation.js")).textOfPresentation(bytes));
    case "open-document":
      return textOnly((await import("./office/open-document.js")).textOfOpenDocument(bytes));
    case "epub":
      return textOnly((await import("./office/epub.js")).textOfEpub(bytes));
    case "mail":
      return textOnly(await (await import("./formats/mail.js")).textOfMail(bytes));
    case "rtf":
      return textOnly((await import("./formats/rtf.js")).textOfRtf(bytes));
  }
}
