#!/bin/bash
# officeparser 8.1.1 on a spreadsheet and a CSV file (made with exceljs 4.4.0, docx 9.15.2), seen 2026-11-29.
#
# Seen: three things that hand a model other figures than a reader of the sheet sees. As text, an empty cell is left out
# with its tab, so whatever follows in the row stands under the heading to its left: a tax of 19 is read as a net of 19.
# A date is the number of its day (46380 for 2026-12-24) in text, Markdown, CSV, chunks and tree alike, and nothing in
# the tree tells it from an amount; a share of 12.5 % is 0.125. And of the "chunks" made for retrieval each is one cell,
# without its row, column or heading, also with `tableSplitStrategy: "row"`. No warning is given. Markdown and CSV keep
# the columns, and the same table in a Word file keeps them in text and chunks too.
#
# Guessed: a library that reads office files for language models keeps a table's columns apart in every form, since it
# does for Word; shows a date as a date; and cuts chunks so that one of them says something. A model that is given such
# text adds up the wrong column with full confidence. Take Markdown, and read dates with a library that knows cell
# formats.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund officeparser@8.1.1 exceljs@4.4.0 docx@9.15.2 >/dev/null 2>&1
cat > run.mjs <<'J'
import { Document, Packer, Paragraph, Table, TableCell, TableRow } from "docx";
import ExcelJS from "exceljs";
import { parseOffice } from "officeparser";
import { writeFileSync } from "node:fs";
console.log(`Node ${process.version}`);
const workbook = new ExcelJS.Workbook();
const sheet = workbook.addWorksheet("Bills");
sheet.addRow(["customer", "net", "tax", "due", "share"]);
const row = sheet.addRow(["Smith", null, 19, new Date(Date.UTC(2026, 11, 24)), 0.125]);
row.getCell(4).numFmt = "yyyy-mm-dd";
row.getCell(5).numFmt = "0.0%";
await workbook.xlsx.writeFile("bills.xlsx");
writeFileSync("bills.csv", "customer,net,tax,due\nSmith,,19,2026-12-24\n");
const line = (...words) => new TableRow({ children: words.map((word) => new TableCell({ children: [new Paragraph(word)] })) });
const table = new Table({ rows: [line("customer", "net", "tax"), line("Smith", "", "19")] });
writeFileSync("bills.docx", await Packer.toBuffer(new Document({ sections: [{ children: [table] }] })));
const check = (what, seen, expected) => {
  console.log(`${what}: ${JSON.stringify(seen)}`);
  if (JSON.stringify(seen) !== JSON.stringify(expected)) { console.log(`CHANGED: expected ${JSON.stringify(expected)}`); process.exitCode = 1; }
};
const bills = await parseOffice("bills.xlsx");
const text = (await bills.to("text")).value.split("\n");
const under = Object.fromEntries(text[1].split("\t").map((value, index) => [text[0].split("\t")[index], value]));
check("spreadsheet as text, by its headings", under, { customer: "Smith", net: "19", tax: "46380", due: "0.125" });
check("CSV file as text", (await (await parseOffice("bills.csv")).to("text")).value.split("\n")[1], "Smith\t19\t2026-12-24");
check("spreadsheet as Markdown", (await bills.to("md")).value.split("\n").find((line) => line.includes("Smith")), "| Smith |  | 19 | 46380 | 0.125 |");
check("spreadsheet as CSV", (await bills.to("csv")).value.split("\n")[1], "Smith,,19,46380,0.125");
const find = (node) => (node.type === "cell" && node.text === "46380" ? [node] : (node.children ?? []).flatMap(find));
check("what the tree knows of the date", bills.content.flatMap(find).map(({ type, text: words, metadata }) => ({ type, text: words, metadata })), [{ type: "cell", text: "46380", metadata: { row: 1, col: 3 } }]);
const chunksConfig = { tableSplitStrategy: "row" };
check("chunks", (await bills.to("chunks", { chunksConfig })).value.map((chunk) => chunk.text).slice(5), ["Smith", "19", "46380", "0.125"]);
const word = await parseOffice("bills.docx");
check("the same in a Word file, as text", (await word.to("text")).value.split("\n")[1].trim(), "| Smith    |     | 19  |");
check("the same in a Word file, chunks", (await word.to("chunks")).value.map((chunk) => chunk.text), ["| customer | net | tax |\n| Smith |  | 19 |"]);
J
node run.mjs
