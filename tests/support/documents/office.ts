import { makeZip } from "./documents.js";

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const office = "http://schemas.openxmlformats.org";
const relations = `${office}/package/2006/relationships`;
const relationTypes = `${office}/officeDocument/2006/relationships`;
const wordType = "application/vnd.openxmlformats-officedocument.wordprocessingml";
const main = `xmlns:w="${office}/wordprocessingml/2006/main"`;

const relationsFile = (targets: Readonly<Record<string, string>>): string => {
  const items = Object.entries(targets).map(
    ([kind, target], at) =>
      `<Relationship Id="rId${at + 1}" Type="${relationTypes}/${kind.replace(/\d+$/, "")}" Target="${target}"/>`,
  );
  return `${head}<Relationships xmlns="${relations}">${items.join("")}</Relationships>`;
};

const types = (parts: Readonly<Record<string, string>>): string => {
  const items = Object.entries(parts).map(([path, type]) => `<Override PartName="/${path}" ContentType="${type}"/>`);
  return (
    `${head}<Types xmlns="${office}/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>` +
    `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${items.join("")}</Types>`
  );
};

/** A Word document with this body, and a footnote (id 2) and a comment (id 0) where they are given. */
export function docxWith(body: string, notes: { footnote?: string; comment?: string }): Buffer {
  const paragraph = (text: string): string => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
  return makeZip({
    "[Content_Types].xml": types({
      "word/document.xml": `${wordType}.document.main+xml`,
      "word/footnotes.xml": `${wordType}.footnotes+xml`,
      "word/comments.xml": `${wordType}.comments+xml`,
    }),
    "_rels/.rels": relationsFile({ officeDocument: "word/document.xml" }),
    "word/_rels/document.xml.rels": relationsFile({ footnotes: "footnotes.xml", comments: "comments.xml" }),
    "word/document.xml": `${head}<w:document ${main}><w:body>${body}</w:body></w:document>`,
    "word/footnotes.xml": `${head}<w:footnotes ${main}><w:footnote w:id="2">${paragraph(notes.footnote ?? "")}</w:footnote></w:footnotes>`,
    "word/comments.xml": `${head}<w:comments ${main}><w:comment w:id="0" w:author="A B" w:initials="AB">${paragraph(notes.comment ?? "")}</w:comment></w:comments>`,
  });
}

/** A workbook with these sheets, cells given in rows. */
export function workbook(sheets: Readonly<Record<string, readonly (readonly (string | number)[])[]>>): Buffer {
  const names = Object.keys(sheets);
  const sheetFiles = Object.values(sheets).map(
    (rows, at) => [`xl/worksheets/sheet${at + 1}.xml`, sheetXml(rows)] as const,
  );
  const list = names.map((name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`).join("");
  const spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  return makeZip({
    "[Content_Types].xml": types({
      "xl/workbook.xml": `${spreadsheet}.sheet.main+xml`,
      ...Object.fromEntries(sheetFiles.map(([path]) => [path, `${spreadsheet}.worksheet+xml`])),
    }),
    "_rels/.rels": relationsFile({ officeDocument: "xl/workbook.xml" }),
    "xl/workbook.xml": `${head}<workbook xmlns="${office}/spreadsheetml/2006/main" xmlns:r="${relationTypes}"><sheets>${list}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relationsFile(
      Object.fromEntries(names.map((_, at) => [`worksheet${at + 1}`, `worksheets/sheet${at + 1}.xml`])),
    ),
    ...Object.fromEntries(sheetFiles),
  });
}

function sheetXml(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number, row: number, column: number): string => {
    const place = `${String.fromCharCode(65 + column)}${row + 1}`;
    return typeof value === "number"
      ? `<c r="${place}"><v>${value}</v></c>`
      : `<c r="${place}" t="inlineStr"><is><t>${value}</t></is></c>`;
  };
  const body = rows.map(
    (row, at) =>
      `<row r="${at + 1}">${row.map((value, column) => (value === "" ? "" : cell(value, at, column))).join("")}</row>`,
  );
  return `${head}<worksheet xmlns="${office}/spreadsheetml/2006/main"><sheetData>${body.join("")}</sheetData></worksheet>`;
}

/** A presentation of two slides, shown in the other order, with a table, notes and a chart. */
export function presentation(): Buffer {
  const drawing = `xmlns:a="${office}/drawingml/2006/main" xmlns:p="${office}/presentationml/2006/main" xmlns:r="${relationTypes}"`;
  const slide = (content: string): string =>
    `${head}<p:sld ${drawing}><p:cSld><p:spTree>${content}</p:spTree></p:cSld></p:sld>`;
  const shape = (text: string, place = ""): string =>
    `<p:sp><p:nvSpPr><p:nvPr>${place}</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:txBody></p:sp>`;
  const cell = (text: string): string => `<a:tc><a:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></a:txBody></a:tc>`;
  return makeZip({
    "[Content_Types].xml": types({}),
    "ppt/presentation.xml": `${head}<p:presentation ${drawing}><p:sldIdLst><p:sldId id="1" r:id="rId2"/><p:sldId id="2" r:id="rId1"/></p:sldIdLst></p:presentation>`,
    "ppt/_rels/presentation.xml.rels": relationsFile({ slide1: "slides/slide1.xml", slide2: "slides/slide2.xml" }),
    "ppt/slides/slide1.xml": slide(`${shape("Numbers")}<a:tbl><a:tr>${cell("cell A")}${cell("cell B")}</a:tr></a:tbl>`),
    "ppt/slides/_rels/slide1.xml.rels": relationsFile({
      notesSlide: "../notesSlides/notesSlide1.xml",
      chart: "/ppt/charts/chart1.xml",
    }),
    "ppt/slides/slide2.xml": slide(shape("The second file comes first")),
    "ppt/notesSlides/notesSlide1.xml": slide(
      shape("say this aloud", '<p:ph type="body"/>') + shape("‹#›", '<p:ph type="sldNum"/>'),
    ),
    "ppt/charts/chart1.xml":
      `${head}<c:chart xmlns:c="${office}/drawingml/2006/chart"><c:ser><c:tx><c:v>Sales</c:v></c:tx>` +
      "<c:cat><c:pt><c:v>Q1</c:v></c:pt><c:pt><c:v>Q2</c:v></c:pt></c:cat><c:val><c:pt><c:v>5</c:v></c:pt><c:pt><c:v>7</c:v></c:pt></c:val></c:ser></c:chart>",
  });
}

/** An OpenDocument text with this body. */
export const openDocument = (body: string): Buffer =>
  makeZip({
    mimetype: "application/vnd.oasis.opendocument.text",
    "content.xml":
      `${head}<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0">` +
      `<office:body><office:text>${body}</office:text></office:body></office:document-content>`,
  });

/** An OpenDocument workbook of one sheet, whose cells are given in rows, each as its element. */
export function openSheet(rows: readonly (readonly string[])[]): Buffer {
  const open = "urn:oasis:names:tc:opendocument:xmlns";
  const body = rows.map((cells) => `<table:table-row>${cells.join("")}</table:table-row>`).join("");
  return makeZip({
    mimetype: "application/vnd.oasis.opendocument.spreadsheet",
    "styles.xml": `${head}<office:document-styles xmlns:office="${open}:office:1.0"/>`,
    "content.xml":
      `${head}<office:document-content xmlns:office="${open}:office:1.0" xmlns:text="${open}:text:1.0" xmlns:table="${open}:table:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">` +
      `<office:body><office:spreadsheet><table:table table:name="A">${body}</table:table></office:spreadsheet></office:body></office:document-content>`,
    "META-INF/manifest.xml": `${head}<manifest:manifest xmlns:manifest="${open}:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>`,
  });
}
