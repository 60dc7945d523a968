import PostalMime, { type Address, type Email } from "postal-mime";
import { decodeAs, detectEncoding } from "../../base/encoding.js";
import { messageOf } from "../../errors.js";
import { DocumentError } from "../document-error.js";
import { textOfHtml } from "../html.js";

/** The text of a mail (EML): sender, receivers, date, subject, the text, and the names of what is attached. */
export async function textOfMail(bytes: Uint8Array): Promise<string> {
  try {
    // Some programs save the whole mail in UTF-16, which no mail is sent in.
    const encoding = detectEncoding(bytes);
    return mailText(await PostalMime.parse(encoding.startsWith("utf-16") ? decodeAs(bytes, encoding) : bytes));
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
  return [head.join(""), body.replace(/\r\n?/g, "\n")].join("\n").trim();
}

const line = (name: string, value: string): string => (value === "" ? "" : `${name}: ${value}\n`);

function addressText({ name, address, group }: Address): string {
  if (group !== undefined) return `${name}: ${group.map(addressText).join(", ")}`;
  return name ? `${name} <${address}>` : (address ?? "");
}
