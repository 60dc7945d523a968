import assert from "node:assert/strict";
import { test } from "node:test";
import { textOfCsv } from "../../src/documents/csv.js";
import { DocumentError } from "../../src/documents/document-error.js";
import { kindOf } from "../../src/documents/document-kind.js";
import { textOfMail } from "../../src/documents/formats/mail.js";
import { textOfNotebook } from "../../src/documents/formats/notebook.js";
import { textOfRtf } from "../../src/documents/formats/rtf.js";

const rtf = (body: string): string =>
  textOfRtf(
    Buffer.from(`{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Arial;}}${body}}`, "latin1"),
  );

test("RTF is read as the text it shows: code pages, Unicode with its stand-ins, breaks, cells and notes", () => {
  assert.equal(rtf(String.raw`Caf\'e9 \u8364?5 \'96 it\'92s\par next\line line`), "Café €5 – it’s\nnext\nline");
  assert.equal(rtf(String.raw`\uc2\u1055\'3f\'3f\uc1\u1088? {\f1 \'cf\'f0\'e8\'e2\'e5\'f2}\f0\'e9`), "Пр Приветé");
  assert.equal(rtf(String.raw`\trowd a\cell b\cell\row c\cell d\cell\row`), "a | b\nc | d");
  assert.equal(rtf(String.raw`text{\footnote small print} goes on`), "text [note: small print] goes on");
  assert.equal(rtf(String.raw`\{braces\} and \\ back`), "{braces} and \\ back");
});

test("of RTF, styles, pictures, field codes, hidden text and what is marked as ignorable are no text", () => {
  assert.equal(
    rtf(
      String.raw`{\stylesheet{\s0 Normal;}}{\info{\author A}}{\pict\pngblip 89504e47}{\*\generator x;}{\field{\*\fldinst HYPERLINK "http://a"}{\fldrslt link}}{\v hidden} end`,
    ),
    "link end",
  );
  assert.equal(rtf("{\\pict\\bin4 }}{{}shown"), "shown");
  assert.throws(() => textOfRtf(Buffer.from("no rtf")), DocumentError);
});

test("a mail is read with sender, subject and decoded text, and the names of what is attached", async () => {
  const mail = [
    "From: =?utf-8?Q?Ren=C3=A9e?= <renee@example.com>",
    "To: Bob <bob@example.com>",
    "Subject: =?utf-8?B?w4RwZmVs?=",
    "Date: Sat, 28 Nov 2026 10:00:00 +0000",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain; charset=iso-8859-1",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "Gr=FC=DFe",
    "--b",
    "Content-Type: application/pdf",
    'Content-Disposition: attachment; filename="plan.pdf"',
    "",
    "x",
    "--b--",
    "",
  ].join("\r\n");
  assert.equal(kindOf("a.eml", Buffer.from(mail)), "mail");
  assert.equal(
    await textOfMail(Buffer.from(mail)),
    "From: Renée <renee@example.com>\nTo: Bob <bob@example.com>\nDate: 2026-11-28T10:00:00.000Z\nSubject: Äpfel\nAttached: plan.pdf\n\nGrüße",
  );
  assert.match(await textOfMail(Buffer.from(`\ufeff${mail}`, "utf16le")), /Subject: Äpfel[^]*Grüße/);
  const page = "From: a@example.com\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>one</p><p>two</p>";
  assert.match(await textOfMail(Buffer.from(page)), /From: a@example\.com\n\none\ntwo$/);
});

test("a notebook is read as its texts, its code and what the code put out; pictures are not", () => {
  const notebook = {
    nbformat: 4,
    metadata: { language_info: { name: "python" } },
    cells: [
      { cell_type: "markdown", source: ["# Title\n", "text"] },
      {
        cell_type: "code",
        source: "x = 1\nprint(x)",
        outputs: [
          { text: ["1\n"] },
          { data: { "image/png": "AAAA", "text/plain": "<Figure>" } },
          { ename: "KeyError", evalue: "'a'" },
        ],
      },
    ],
  };
  assert.equal(
    textOfNotebook(JSON.stringify(notebook)),
    "# Title\ntext\n\n```python\nx = 1\nprint(x)\n```\n1\n<Figure>\nError: KeyError: 'a'",
  );
  assert.throws(() => textOfNotebook("{"), DocumentError);
  assert.throws(() => textOfNotebook("{}"), DocumentError);
});

test("a table with mixed line ends, a row of years, a title or a first line that names its separator is read as one", async () => {
  assert.equal(
    await textOfCsv("name,age\r\nAnn,1\nBob,2\rCy,3\n"),
    "name: Ann; age: 1\nname: Bob; age: 2\nname: Cy; age: 3",
  );
  assert.equal(await textOfCsv("region,2024,2025\nEMEA,10,20\n"), "region: EMEA; 2024: 10; 2025: 20");
  assert.equal(await textOfCsv("sep=;\nname;city\nAda;Paris\n"), "name: Ada; city: Paris");
  assert.equal(
    await textOfCsv("Ducks in the park\nYear,Ducks\n2019,120\n"),
    "Ducks in the park\nYear: 2019; Ducks: 120",
  );
  assert.equal(await textOfCsv("2024,2025\n2023,2022\n"), "2024; 2025\n2023; 2022");
  assert.equal(await textOfCsv("1,2\n3,4\n"), "1; 2\n3; 4");
});
