import { setting } from "../setting.js";
import {
  anyProxyAddress,
  browser,
  choice,
  hostAndPort,
  hostsAndPorts,
  proxyAddress,
  text,
  truth,
  wholeNumber,
} from "../value-types.js";

const web = "Web pages";

/** How pages are read, and where requests may go. */
export const webSettings = {
  browser: setting({
    group: web,
    environment: ["BROWSER"],
    // On many desktops it names the person's browser.
    shared: /^\s*(auto|always|never)\s*$/i,
    type: choice("auto", "always", "never"),
    default: "auto",
    help: "Whether pages are read in a browser: auto (those that need their scripts), always, never",
  }),
  browserName: setting({
    group: web,
    environment: ["USE_WEB_BROWSER"],
    flag: { long: "--browser-name", short: "-b", argument: "NAME" },
    type: browser(),
    example: "chromium",
    help: "Browser to use: chrome, chromium, edge, or a path",
  }),
  browserPath: setting({
    group: web,
    environment: ["PUPPETEER_EXECUTABLE_PATH"],
    type: text("the path of a browser"),
    path: true,
    example: "/usr/bin/chromium",
    help: "Where the browser is, if it is not found by itself",
  }),
  headlessBrowser: setting({
    group: web,
    environment: ["HEADLESS_BROWSER"],
    type: truth(),
    default: true,
    help: "The browser has no window",
  }),
  userAgent: setting({
    group: web,
    environment: ["USER_AGENT"],
    type: text("a line of text"),
    default: "Mozilla/5.0 (compatible; autogpt)",
    help: "What the program calls itself where it reads pages",
  }),
  browseTimeout: setting({
    group: web,
    environment: ["BROWSE_TIMEOUT"],
    type: wholeNumber(1),
    default: 30,
    help: "Seconds for reading one page, redirects included",
  }),
  browseChunkTokens: setting({
    group: web,
    environment: ["BROWSE_CHUNK_MAX_LENGTH"],
    type: wholeNumber(100),
    default: 8_000,
    help: "Most tokens of a page that are summarized at once",
  }),
  allowedPrivateHosts: setting({
    group: web,
    environment: ["BROWSE_ALLOWED_PRIVATE_HOSTS"],
    type: hostsAndPorts(),
    example: "wiki.local:8080, 127.0.0.1:3000",
    help: "Single hosts in private networks or on this machine that may be read, each as host:port",
  }),
  dnsServer: setting({
    group: web,
    environment: ["DNS_SERVER"],
    type: hostAndPort(),
    example: "9.9.9.9:53",
    help: "Name server for what commands read from the web, in place of the system's, as host:port",
  }),
  httpsProxy: setting({
    group: web,
    environment: ["HTTPS_PROXY", "https_proxy"],
    type: proxyAddress(),
    example: "http://proxy.example:3128",
    help: "Proxy for https: for the model's server, and for pages, where it has to allow connections to addresses",
  }),
  httpProxy: setting({
    group: web,
    environment: ["HTTP_PROXY", "http_proxy"],
    type: proxyAddress(),
    example: "http://proxy.example:3128",
    help: "Proxy for http, likewise",
  }),
  allProxy: setting({
    group: web,
    environment: ["ALL_PROXY", "all_proxy"],
    type: anyProxyAddress(),
    example: "socks5://proxy.example:1080",
    help: "Proxy for both, where they have none of their own; one that speaks SOCKS serves the model's server alone",
  }),
  noProxy: setting({
    group: web,
    environment: ["NO_PROXY", "no_proxy"],
    type: text("a list of hosts"),
    example: "localhost,.example.com",
    help: "Hosts that are reached without the proxy",
  }),
  maxDownloadMb: setting({
    group: web,
    environment: ["MAX_DOWNLOAD_MB"],
    type: wholeNumber(1),
    default: 100,
    help: "Largest file that download_file takes, in MB",
  }),
};
