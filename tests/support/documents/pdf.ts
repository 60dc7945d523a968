/** A PDF of one page with these operators, fonts and annotations, each written as PDF has it. */
export function pdfOf({
  content,
  fonts,
  annotations = [],
}: {
  content: string;
  fonts: string;
  annotations?: readonly string[];
}): Buffer {
  const notes = annotations.map((_, at) => `${at + 5} 0 R`).join(" ");
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [${notes}] >> >>`,
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << ${fonts} >> >> /Contents 4 0 R /Annots [${notes}] >>`,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    ...annotations,
  ];
  return pdfFile(objects);
}

/** A PDF with these objects, numbered from 1: its table tells where each begins (ISO 32000-1, 7.5). The first is the catalogue. */
export function pdfFile(objects: readonly string[]): Buffer {
  let file = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return String(offset).padStart(10, "0");
  });
  const table = offsets.map((offset) => `${offset} 00000 n \n`).join("");
  return Buffer.from(
    `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`,
    "latin1",
  );
}
