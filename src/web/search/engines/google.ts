import { loadPackage } from "../../../base/packages/added.js";
import { howToAdd } from "../../../base/packages/parts.js";
import { messageOf } from "../../../errors.js";
import { withDeadline } from "../../deadline.js";
import { cleanLine } from "../../../base/text.js";
import { WebError } from "../../web-error.js";
import type { Engine } from "../engine.js";
import { Throttled } from "../provider.js";
import { cleanResult } from "../service.js";

const quotaWaitMs = 3600_000;
/** Reasons of a 403 that no waiting helps against: the project may not use the interface at all. */
const lockedOut = new Set(["forbidden", "accessNotConfigured", "SERVICE_DISABLED"]);

const packageName = "@googleapis/customsearch";

/** Google's Custom Search JSON API, through Google's own package. Its answers are links alone, as in the original. */
export const google: Engine = {
  name: "google",
  linksOnly: true,
  caveat: "Google ends this interface on 2027-01-01",
  open({ key, engine, address, timeoutMs }) {
    return async (query, count, signal) => {
      const { customsearch } = await loadPackage(packageName, () => import("@googleapis/customsearch")).catch(
        (cause: unknown) => {
          const message = `the package ${packageName} is not there. ${howToAdd("google")}`;
          throw new WebError("not-available", message, { cause });
        },
      );
      const client = customsearch({ version: "v1", rootUrl: `${address}/`, auth: key });
      return withDeadline({ milliseconds: timeoutMs, signal, what: "the search with Google" }, async (own) => {
        try {
          const parameters = { q: query, cx: engine, num: Math.min(10, count) };
          const { data } = await client.cse.list(parameters, { signal: own, retry: false });
          const items = data.items ?? [];
          return items.flatMap(({ title, link, snippet }) =>
            link ? [cleanResult(title ?? "", link, snippet ?? "")] : [],
          );
        } catch (thrown) {
          own.throwIfAborted();
          throw failure(thrown, key);
        }
      });
    };
  },
};

type Refusal = {
  status?: number;
  response?: { status?: number; data?: { error?: { errors?: { reason?: string }[]; message?: string } } };
};

function failure(thrown: unknown, key: string): Error {
  const { status: outer, response } = (thrown ?? {}) as Refusal;
  const status = response?.status ?? outer;
  const { errors = [], message = "" } = response?.data?.error ?? {};
  const reasons = errors.map(({ reason }) => reason);
  if (reasons.includes("keyInvalid") || (reasons.includes("badRequest") && /API key/i.test(message))) {
    return new WebError("not-available", "the provided Google API key is invalid or missing. Check GOOGLE_API_KEY.", {
      cause: thrown,
    });
  }
  const isLockedOut = reasons.some((reason) => lockedOut.has(reason ?? ""));
  if (status === 429 || (status === 403 && !isLockedOut)) {
    return new Throttled(`Google answers with status ${status}${reasons[0] ? ` (${reasons[0]})` : ""}`, quotaWaitMs);
  }
  const said = cleanLine(message || messageOf(thrown), 200).replaceAll(key, "[key]");
  const options = { cause: thrown, ...(status !== undefined && { status }) };
  return new WebError(
    "http-status",
    `Google's search failed${status ? ` with status ${status}` : ""}: ${said}`,
    options,
  );
}
