import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { annotationLines } from "../../src/documents/formats/pdf-annotations.js";
import { readingText } from "../../src/documents/formats/pdf-lines.js";
import { readDocument } from "../../src/documents/read-document.js";
import { pdfOf } from "../support/documents/pdf.js";
import { repository } from "../support/program.js";

/** The built one, which has its character maps beside it. */
const readerFile = join(repository, "dist", "document-reader.cjs");

const textOfPdf = (page: Parameters<typeof pdfOf>[0]): Promise<string> =>
  readDocument("a.pdf", pdfOf(page), { environment: {}, readerFile, signal: new AbortController().signal });

test("a PDF in Japanese that only names its font is read", async () => {
  const text = await textOfPdf({
    content: "BT /F1 12 Tf 72 700 Td <889F82A0> Tj ET",
    fonts:
      "/F1 << /Type /Font /Subtype /Type0 /BaseFont /MS-Gothic /Encoding /90ms-RKSJ-H /DescendantFonts [<< /Type /Font " +
      "/Subtype /CIDFontType2 /BaseFont /MS-Gothic /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /DW 1000 " +
      "/FontDescriptor << /Type /FontDescriptor /FontName /MS-Gothic /Flags 39 /FontBBox [-150 -147 1100 853] /StemV 92 " +
      "/ItalicAngle 0 /CapHeight 853 /Ascent 853 /Descent -147 >> >>] >>",
  });
  assert.equal(text, "亜あ");
});

test("what was typed into a form and written on a page is read, with the field's name", async () => {
  const text = await textOfPdf({
    content: "BT /F1 12 Tf 72 700 Td (Your name) Tj ET",
    fonts: "/F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    annotations: [
      "<< /Type /Annot /Subtype /Widget /FT /Tx /T (form[0].name[0]) /V (Ada Lovelace) /Rect [0 0 90 20] >>",
      "<< /Type /Annot /Subtype /FreeText /Contents (Written over it) /Rect [0 0 90 20] /DA (/F1 9 Tf) >>",
    ],
  });
  assert.deepEqual(text.split("\n").sort(), ["Written over it", "Your name", "name: Ada Lovelace"]);
});

test("boxes that are ticked and choices are told; passwords, hidden fields and what the page says already are not", () => {
  const field = { subtype: "Widget" };
  assert.deepEqual(
    annotationLines(
      [
        { ...field, fieldName: "agree", checkBox: true, fieldValue: "1" },
        { ...field, fieldName: "news", checkBox: true, fieldValue: "Off" },
        { ...field, fieldName: "size", radioButton: true, fieldValue: "L", buttonValue: "L" },
        { ...field, fieldName: "size", radioButton: true, fieldValue: "L", buttonValue: "M" },
        { ...field, fieldName: "a.city[0]", alternativeText: "City", fieldValue: ["Rome", "Oslo"] },
        { ...field, fieldName: "street", fieldValue: "Main Road 1\rSecond floor\r\n" },
        { ...field, fieldName: "pin", password: true, fieldValue: "1234" },
        { ...field, fieldName: "seen", fieldValue: "printed" },
        { ...field, fieldName: "gone", hidden: true, fieldValue: "x" },
        { subtype: "Highlight", contentsObj: { str: "check this" } },
        { subtype: "Link", contentsObj: { str: "no note" } },
      ],
      "printed",
    ),
    ["[x] agree", "[ ] news", "size: L", "City: Rome, Oslo", "street: Main Road 1\nSecond floor", "Note: check this"],
  );
});

test("words parted at the end of a line are whole, columns of vertical text are lines with the usual punctuation", () => {
  assert.equal(
    readingText("a foun-\ndation and Anglo-\nSaxon, 2020-\n2024"),
    "a foundation and Anglo-\nSaxon, 2020-\n2024",
  );
  assert.equal(readingText("吾\n輩\nは\n猫\n︒\n次"), "吾輩は猫。次");
  assert.equal(readingText("﹁︵猫︶﹂"), "「（猫）」");
  assert.equal(readingText("表\n一\ntext"), "表\n一\ntext");
});
