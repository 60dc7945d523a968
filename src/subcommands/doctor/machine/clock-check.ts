import type { DoctorCheck } from "../check.js";

/** With a larger difference some servers refuse requests, and every date that the model is told is wrong. */
const mostMinutes = 5;

/** This machine's clock against the server's. */
export const clockCheck: DoctorCheck = {
  id: "clock",
  async look({ server: { server }, now, signal }) {
    const { dateHeader } = await server.get("/models", signal).catch(() => ({ dateHeader: null }));
    const theirs = Date.parse(dateHeader ?? "");
    if (Number.isNaN(theirs)) return { state: "ok", found: `${now.toISOString()} (no server to compare it with)` };
    const minutes = Math.round((now.getTime() - theirs) / 60_000);
    if (Math.abs(minutes) <= mostMinutes) return { state: "ok", found: `${now.toISOString()}, as the server says` };
    const found = `this machine's clock is ${Math.abs(minutes)} minutes ${minutes > 0 ? "ahead of" : "behind"} the server's`;
    return { state: "warn", found, advice: "Set the clock; most systems do it by themselves when network time is on." };
  },
};
