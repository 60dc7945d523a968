import assert from "node:assert/strict";
import { test } from "node:test";
import XLSX, { type CellObject } from "xlsx";
import { DocumentError } from "../../src/documents/document-error.js";
import { kindOf } from "../../src/documents/document-kind.js";
import { textOfDocx } from "../../src/documents/office/docx.js";
import { textOfEpub } from "../../src/documents/office/epub.js";
import { textOfOpenDocument } from "../../src/documents/office/open-document.js";
import { textOfPresentation } from "../../src/documents/office/presentation.js";
import { textOfSpreadsheet } from "../../src/documents/office/spreadsheet.js";
import { makeDocx, makeZip } from "../support/documents/documents.js";
import { docxWith, openDocument, openSheet, presentation, workbook } from "../support/documents/office.js";

const lines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

test("line breaks, directions, simple fields, ruby and formulas of a Word document are read, notes and comments too", async () => {
  const body =
    "<w:p><w:r><w:t>line1</w:t><w:br/><w:t>line2</w:t></w:r></w:p>" +
    '<w:p><w:dir w:val="rtl"><w:r><w:t>turned</w:t></w:r></w:dir><w:fldSimple w:instr="PAGE"><w:r><w:t> field</w:t></w:r></w:fldSimple></w:p>' +
    "<w:p><w:r><w:ruby><w:rt><w:r><w:t>かんじ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢字</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>" +
    '<w:p><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>E=m</m:t></m:r><m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></w:p>' +
    '<w:p><w:r><w:t>noted</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="0"/></w:r></w:p>';
  const text = await textOfDocx(docxWith(body, { footnote: "the small print", comment: "really?" }));
  for (const expected of ["line1", "line2", "turned field", "漢字(かんじ)", "E=mc^2"])
    assert.ok(lines(text).includes(expected), `${expected} in ${text}`);
  assert.match(text, /the small print/);
  assert.match(text, /really\?/);
});

test("what the library for Word documents leaves out is named in the text", async () => {
  const text = await textOfDocx(docxWith("<w:p><w:r><w:t>kept</w:t></w:r></w:p><w:somethingNew/>", {}));
  assert.match(text, /^kept\n\[Parts of this document could not be read: w:somethingNew\]$/);
});

test("the cells of a workbook are read as they are shown, each row under its heading, with sheets, titles and comments", async () => {
  const text = await textOfSpreadsheet(
    workbook({
      Prices: [["Price list"], ["Item", "2024", "2025"], ["Lamp", 10, 12.5], ["Oil", "", 3]],
      Notes: [["only text"]],
    }),
  );
  assert.deepEqual(lines(text), [
    "Sheet Prices",
    "Price list",
    "Item: Lamp; 2024: 10; 2025: 12.5",
    "Item: Oil; 2025: 3",
    "Sheet Notes",
    "only text",
  ]);
});

for (const bookType of ["xlsx", "xlsb", "biff8"] as const)
  test(`numbers of a workbook keep their digits, and errors stand as such (${bookType})`, async () => {
    const sheet = XLSX.utils.aoa_to_sheet([
      ["Order", "Sum", "Share", "Day", "Found"],
      [12345678901234, 0.1 + 0.2, 0.125, 45000, ""],
    ]);
    Object.assign(sheet["C2"] as CellObject, { z: "0.0%" });
    Object.assign(sheet["D2"] as CellObject, { z: "yyyy-mm-dd" });
    Object.assign(sheet["E2"] as CellObject, { t: "e", v: 42, w: "#N/A" });
    const book = XLSX.utils.book_new();
    XLSX.utils.book_append_sheet(book, sheet, "A");
    const text = await textOfSpreadsheet(XLSX.write(book, { type: "buffer", bookType }) as Buffer);
    assert.deepEqual(lines(text), ["Order: 12345678901234; Sum: 0.3; Share: 12.5%; Day: 2023-03-15; Found: #N/A"]);
  });

test("an OpenDocument sheet is read as it is shown, with its errors", async () => {
  const cell = (is: string, shown: string): string =>
    `<table:table-cell ${is}><text:p>${shown}</text:p></table:table-cell>`;
  const text = await textOfSpreadsheet(
    openSheet([
      ["Order", "Share", "Day", "Found"].map((name) => cell('office:value-type="string"', name)),
      [
        cell('office:value-type="float" office:value="12345678901234"', "12345678901234"),
        cell('office:value-type="percentage" office:value="0.125"', "12.5%"),
        cell('office:value-type="date" office:date-value="2023-03-15"', "15.03.2023"),
        cell('office:value-type="string" office:string-value="" calcext:value-type="error"', "#N/A"),
      ],
    ]),
  );
  assert.deepEqual(lines(text), ["Order: 12345678901234; Share: 12.5%; Day: 15.03.2023; Found: #N/A"]);
});

test("a presentation is read slide by slide in the order that it shows them, with tables, notes and charts", () => {
  const text = textOfPresentation(presentation());
  assert.deepEqual(lines(text).slice(0, 3), ["Slide 1", "The second file comes first", "Slide 2"]);
  for (const part of ["cell A", "cell B", "Notes:", "say this aloud", "Sales: Q1 5; Q2 7"])
    assert.ok(text.includes(part), `${part} in ${text}`);
  assert.doesNotMatch(text, /‹#›/);
});

test("an OpenDocument text is read with its spaces, notes, comments, lists and tables; deleted text is not", () => {
  const text = textOfOpenDocument(
    openDocument(
      "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes><text:h>Head</text:h>" +
        '<text:p>a<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>note</text:p></text:note-body></text:note></text:p>' +
        "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>" +
        '<table:table><table:table-row><table:table-cell table:number-columns-repeated="2"><text:p>twice</text:p></table:table-cell></table:table-row></table:table>' +
        "<text:p>x<office:annotation><text:p>why?</text:p></office:annotation></text:p>",
    ),
  );
  for (const part of ["Head", "a b c", "d [note: note]", "item", "[comment: why?]"])
    assert.ok(text.includes(part), `${part} in ${text}`);
  assert.equal(text.match(/twice/g)?.length, 2);
  assert.doesNotMatch(text, /deleted/);
});

test("a book is read chapter by chapter in its own order", () => {
  const book = makeZip({
    mimetype: "application/epub+zip",
    "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
    "OEBPS/book.opf":
      '<package><manifest><item id="a" href="z%20one.xhtml"/><item id="b" href="a-two.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
    "OEBPS/a-two.xhtml": "<html><body><p>Second chapter</p></body></html>",
    "OEBPS/z one.xhtml": "<html><head><title>Book</title></head><body><p>First&nbsp;chapter</p></body></html>",
  });
  assert.equal(kindOf("book", book), "epub");
  assert.deepEqual(lines(textOfEpub(book)), ["Book", "First chapter", "Second chapter"]);
});

test("kinds are told by the directory of an archive, whatever the name, and by nothing that is packed inside", () => {
  assert.equal(kindOf("letter", makeDocx("x")), "docx");
  assert.equal(kindOf("deck", presentation()), "presentation");
  assert.equal(
    kindOf(
      "deck.bin",
      makeZip({ "ppt/presentation.xml": "", "ppt/embeddings/a.xlsx": workbook({ A: [["x"]] }).toString("latin1") }),
    ),
    "presentation",
  );
  assert.equal(kindOf("text", openDocument("")), "open-document");
  assert.equal(kindOf("numbers", workbook({ A: [["x"]] })), "spreadsheet");
  assert.equal(kindOf("a.zip", makeZip({ "a.txt": "x" })), "text");
});

test("documents of before 2007 are named as what they are, with what to do", () => {
  const compound = (stream: string): Buffer =>
    Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(512), Buffer.from(stream, "utf16le")]);
  const problemOf = (stream: string): string => {
    try {
      return kindOf("a", compound(stream));
    } catch (thrown) {
      assert.ok(thrown instanceof DocumentError);
      return thrown.message;
    }
  };
  assert.match(problemOf("WordDocument"), /DOC.*save it as DOCX/);
  assert.match(problemOf("PowerPoint Document"), /PPT.*save it as PPTX/);
  assert.match(problemOf("__properties_version1.0"), /MSG.*save it as EML/);
  assert.match(problemOf("EncryptedPackage"), /password/);
  assert.equal(problemOf("Workbook"), "spreadsheet");
});

test("an archive that unpacks to more than it says, or to more than memory should hold, is refused or bounded", async () => {
  const claims = makeZip({ "word/document.xml": "x" }, 1024 * 1024 * 1024);
  await assert.rejects(textOfDocx(claims), (error) => error instanceof DocumentError && error.kind === "too-large");
  assert.throws(() => textOfPresentation(claims.subarray(0, 40)), DocumentError);
});
