import { render } from "preact";
import type { Start } from "../shapes.js";
import { App } from "./app.js";
import { Guarded } from "./parts/guarded.js";
import { fileSource } from "./sources/file-source.js";
import { liveSource } from "./sources/live-source.js";

const start = JSON.parse(document.getElementById("start")?.textContent ?? "null") as Start;
const place = document.getElementById("page");
if (place !== null) {
  const source = start.mode === "live" ? liveSource(takeToken(), start.fleet !== null) : fileSource(start);
  render(
    <Guarded>
      <App start={start} source={source} />
    </Guarded>,
    place,
  );
}

/** The token goes out of the address, where somebody could read it, into this tab. */
function takeToken(): string {
  const address = new URL(location.href);
  const given = address.searchParams.get("token");
  if (given !== null) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", `/${address.hash}`);
  }
  return sessionStorage.getItem("token") ?? "";
}
