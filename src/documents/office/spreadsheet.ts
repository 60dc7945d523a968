import type { CellObject, WorkBook, WorkSheet } from "xlsx";
import { messageOf } from "../../errors.js";
import { DocumentError } from "../document-error.js";
import { textOfRows } from "../table-rows.js";
import { pack, unpack } from "./archive.js";

/** Rows that are read of one sheet: formats reach to row 1,048,576 in many a sheet with ten lines. */
const mostRows = 200_000;

/**
 * The text of a workbook (XLSX, XLSM, XLSB, XLS, ODS), sheet by sheet: cells as they are shown, but for plain numbers, which keep all
 * their digits; a line for each row, in which the columns' names stand before the values where the first row holds names; then the
 * comments.
 */
export async function textOfSpreadsheet(bytes: Uint8Array): Promise<string> {
  const { default: XLSX } = await import("xlsx");
  let book: WorkBook;
  try {
    // An archive is unpacked here first, since the library would unpack whatever it is told.
    const whole = bytes[0] === 0x50 ? pack(unpack(bytes, isPart)) : Buffer.from(bytes);
    book = XLSX.read(whole, {
      type: "buffer",
      cellFormula: false,
      cellHTML: false,
      cellNF: true,
      dense: true,
      sheetRows: mostRows,
    });
  } catch (thrown) {
    if (thrown instanceof DocumentError) throw thrown;
    if (/password|encrypt/i.test(messageOf(thrown)))
      throw new DocumentError("protected", "It is protected by a password.", { cause: thrown });
    throw new DocumentError("damaged", `It is not a readable workbook: ${messageOf(thrown)}`, { cause: thrown });
  }
  const several = book.SheetNames.length > 1;
  const sheets = book.SheetNames.map((name) => {
    const sheet = book.Sheets[name];
    const text =
      sheet === undefined
        ? ""
        : sheetText(sheet, (one) =>
            XLSX.utils.sheet_to_json(one, { header: 1, raw: false, defval: "", blankrows: true }),
          );
    return text === "" ? "" : `${several ? `Sheet ${name}\n` : ""}${text}`;
  });
  return sheets.filter((text) => text !== "").join("\n\n");
}

/** Pictures and macros hold no text. */
const isPart = (path: string): boolean => !/\.(?:jpe?g|png|gif|emf|wmf|vml|tiff?|vbaProject\.bin)$/i.test(path);

function sheetText(sheet: WorkSheet, rowsOf: (sheet: WorkSheet) => unknown[]): string {
  for (const cell of cellsOf(sheet)) sayWhole(cell);
  const rows = rowsOf(sheet).map((row) => (row as unknown[]).map((cell) => String(cell ?? "").trim()));
  const tables = tablesOf(rows).map(textOfRows);
  return [tables.join("\n\n"), ...commentsOf(sheet)].filter((part) => part !== "").join("\n");
}

/** The tables of a sheet: blank rows are between them, and columns in which a table has nothing are no part of it. */
function tablesOf(rows: readonly string[][]): string[][][] {
  const tables: string[][][] = [[]];
  for (const row of rows) {
    if (row.some((cell) => cell !== "")) tables.at(-1)?.push(row);
    else if (tables.at(-1)?.length !== 0) tables.push([]);
  }
  return tables.filter((table) => table.length > 0).map(withoutEmptyColumns);
}

function withoutEmptyColumns(table: readonly string[][]): string[][] {
  const width = table.reduce((most, row) => Math.max(most, row.length), 0);
  const used = Array.from({ length: width }, (_, at) => table.some((row) => (row[at] ?? "") !== ""));
  return table.map((row) => row.filter((_, at) => used[at]));
}

const cellsOf = (sheet: WorkSheet): CellObject[] =>
  ((sheet["!data"] ?? []).flat() as (CellObject | undefined)[]).filter((cell) => cell !== undefined);

/**
 * Mends what the library would leave out of a cell's text: an error (`#N/A`) is an empty cell to it, and a number without a format of its
 * own is rounded to the width of a column, as in `1.23457E+13`. A workbook's numbers have 15 digits.
 */
function sayWhole(cell: CellObject): void {
  if (cell.t === "e") {
    cell.t = "s";
    cell.v = cell.w ?? "";
  } else if (cell.t === "n" && typeof cell.v === "number" && cell.z === "General")
    cell.w = String(Number(cell.v.toPrecision(15)));
}

const commentsOf = (sheet: WorkSheet): string[] =>
  cellsOf(sheet)
    .flatMap((cell) => cell.c ?? [])
    .flatMap(({ t }) => (t ? [`Comment: ${t.trim()}`] : []));
