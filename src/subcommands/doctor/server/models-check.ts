import { askForModels } from "../../../model/catalog/model-list.js";
import { noticesAbout } from "../../../model/catalog/retirement.js";
import { rolesOf } from "../../../compose/server.js";
import type { DoctorCheck } from "../check.js";

/** One model may have several roles. */
const distinct = (names: readonly string[]): string => [...new Set(names)].join(", ");

/** Whether the models are offered, and until when. */
export const modelsCheck: DoctorCheck = {
  id: "models",
  async look({ server, settings, now, signal }) {
    const models = rolesOf(settings).map((role) => server.model(role));
    const list = await askForModels(server.server, signal).catch(() => null);
    const notices = noticesAbout(models, list, now);
    const names = distinct(models.map(({ entry, deployment }) => deployment ?? entry.name));
    if (notices.length === 0) {
      if (list !== null && list.models.length > 0) return { state: "ok", found: `${names} (by the server's list)` };
      const unknown = distinct(models.filter(({ entry }) => !entry.known).map(({ entry }) => entry.name));
      const source =
        unknown === ""
          ? "by the built-in catalog"
          : `the server lists none, and the built-in catalog does not know ${unknown}`;
      return { state: "ok", found: `${names} (${source})` };
    }
    const gone = notices.some(({ state, setting }) => state !== "ending" && setting !== "EMBEDDING_MODEL");
    return {
      state: gone ? "fail" : "warn",
      found: notices.map(({ text }) => text).join(" "),
      advice: notices
        .map(({ setting, replacement }) => `Set ${setting}${replacement ? `=${replacement}` : ""}.`)
        .join(" "),
      fixes: notices.flatMap(({ setting, replacement }) =>
        replacement ? [{ setting: `${setting}=${replacement}` }] : [],
      ),
    };
  },
};
