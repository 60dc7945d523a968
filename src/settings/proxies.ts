import type { Proxies } from "../base/proxies.js";
import type { Settings } from "./schema.js";

/** The proxies that the settings name. */
export const proxiesOf = ({ httpProxy, httpsProxy, allProxy, noProxy }: Settings): Proxies => ({
  http: httpProxy,
  https: httpsProxy,
  all: allProxy,
  except: noProxy,
});
