import PostalMime, { type Address, type Email } from "postal-mime";
import { messageOf } from "../../errors.js";
import { DocumentError } from "../document-error.js";
import { textOfHtml } from "../html.js";

/** Nested parts and long headers are what a mail keeps a parser busy with. */
const limits = { maxNestingDepth: 50, maxHeadersSize: 1024 * 1024 };

/** The text of a mail (EML): sender, receivers, date, subject, the text, and the names of what is attached. */
export async function textOfMail(bytes: Uint8Array): Promise<string> {
  try {
    return mailText(await PostalMime.parse(bytes, limits));
  } catch (thrown) {
    throw new DocumentError("damaged", `It is not a readable mail: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function mailText({ from, to, cc, date, subject, text, html, attachments }: Email): string {
  const body = text?.trim() ? text.trim() : textOfHtml(html ?? "");
  const head = [
    line("From", from === undefined ? "" : addressText(from)),
    line("To", (to ?? []).map(addressText).join(", ")),
    line("Cc", (cc ?? []).map(addressText).join(", ")),
    line("Date", date ?? ""),
    line("Subject", subject ?? ""),
    line("Attached", attachments.map(({ filename, mimeType }) => filename ?? mimeType).join(", ")),
  ];
  return [head.join(""), body].join("\n").trim();
}

const line = (name: string, value: string): string => (value === "" ? "" : `${name}: ${value}\n`);

function addressText({ name, address, group }: Address): string {
  if (group !== undefined) return `${name}: ${group.map(addressText).join(", ")}`;
  return name ? `${name} <${address}>` : (address ?? "");
}
