import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { GuardOptions } from "../../src/web/guard/guard.js";
import { describeSearch } from "../../src/web/search/engines.js";
import { html, startNames, startSite, type Route } from "../support/services/site.js";
import { startProxy } from "./forwarding-proxy.js";
import { searchAt, signal, testWeb, type EngineAddresses } from "./test-web.js";

const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Route =>
  (_request, response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));

const many = <Item>(make: (number: number) => Item): Item[] =>
  Array.from({ length: 12 }, (_, index) => make(index + 1));

/** In shape as https://api-dashboard.search.brave.com/app/documentation/web-search/responses shows it. */
const braveAnswer = {
  type: "search",
  query: { original: "herons" },
  web: {
    type: "search",
    results: many((n) => ({
      type: "search_result",
      title: `Heron ${n} &amp; friends`,
      url: `https://birds.example/${n}?a=1&b=2`,
      description: `A <strong>heron</strong> number ${n}.`,
      profile: { name: "Birds" },
    })),
  },
};
/** In shape as https://docs.searxng.org/dev/search_api.html and its result types describe it. */
const searxngAnswer = {
  query: "herons",
  number_of_results: 0,
  results: many((n) => ({
    url: `https://birds.example/${n}`,
    title: `鹭 ${n}`,
    content: `第${n}只鹭`,
    engine: "x",
    score: 1,
  })),
  answers: [],
  suggestions: [],
};
/** In shape as https://docs.tavily.com/documentation/api-reference/endpoint/search shows it. */
const tavilyAnswer = {
  query: "herons",
  answer: null,
  images: [],
  results: many((n) => ({ title: `Heron ${n}`, url: `https://birds.example/${n}`, content: `Text ${n}`, score: 0.9 })),
  response_time: "1.67",
};
/** In shape as https://developers.google.com/custom-search/v1/reference/rest/v1/Search shows it. */
const googleAnswer = {
  kind: "customsearch#search",
  items: many((n) => ({
    kind: "customsearch#result",
    title: `Heron ${n}`,
    link: `https://birds.example/${n}`,
    snippet: `Text ${n}`,
  })),
};
/** In shape as the page's readers in https://github.com/searxng/searxng (engines/duckduckgo.py) and others expect it. */
const duckduckgoPage = `<html><body><div id="links" class="results">
  <div class="result results_links results_links_deep result--ad"><h2 class="result__title"><a class="result__a" href="https://duckduckgo.com/y.js?ad_domain=shop.example">Buy</a></h2></div>
  ${many(
    (
      n,
    ) => `<div class="result results_links results_links_deep web-result"><div class="links_main links_deep result__body">
    <h2 class="result__title"><a rel="nofollow" class="result__a" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fbirds.example%2F${n}%3Fa%3D1%26b%3D2&amp;rut=abc">Heron &amp; ${n}</a></h2>
    <a class="result__snippet" href="#">A <b>heron</b> of the number ${n}.</a></div></div>`,
  ).join("")}</div></body></html>`;
const noResults = `<html><body><div id="links" class="results"><div class="result results_links result--no-result"><div class="no-results">No results.</div></div></div></body></html>`;
const challenge = `<html><body><div class="anomaly-modal__mask"><div class="anomaly-modal__modal">Unfortunately, bots use DuckDuckGo too.</div></div><form id="challenge-form"></form></body></html>`;

/** A web whose engines are the ones given. */
const searching = (
  t: TestContext,
  given: EngineAddresses,
  guard: Partial<GuardOptions> = {},
  only?: readonly string[],
) => testWeb(t, { guard, search: searchAt(given, only) });

test("Brave, SearXNG, Tavily and DuckDuckGo give eight results with title, href and body", async (t) => {
  const site = await startSite(t, {
    "/res/v1/web/search": json(braveAnswer),
    "/search": (request, response) => json(request.method === "POST" ? tavilyAnswer : searxngAnswer)(request, response),
    "/html/": html(duckduckgoPage),
  });
  const query = "herons & 鹭";
  const results = async (given: EngineAddresses) => (await searching(t, given).search(query, signal())).results;

  const brave = await results({ brave: site.url });
  assert.equal(brave.length, 8);
  assert.deepEqual(brave[0], {
    title: "Heron 1 & friends",
    href: "https://birds.example/1?a=1&b=2",
    body: "A heron number 1.",
  });
  assert.equal(site.requests.at(-1)?.headers["x-subscription-token"], "brave-key");
  const searxng = await results({ searxng: site.url });
  assert.deepEqual(
    [searxng.length, searxng[7]],
    [8, { title: "鹭 8", href: "https://birds.example/8", body: "第8只鹭" }],
  );
  const tavily = await results({ tavily: site.url });
  assert.deepEqual([tavily.length, tavily[0]?.body], [8, "Text 1"]);
  assert.equal(site.requests.at(-1)?.headers.authorization, "Bearer tavily-key");
  const duckduckgo = await results({ duckduckgo: site.url });
  assert.equal(duckduckgo.length, 8);
  assert.deepEqual(duckduckgo[0], {
    title: "Heron & 1",
    href: "https://birds.example/1?a=1&b=2",
    body: "A heron of the number 1.",
  });
  assert.match(site.requests.at(-1)?.headers["user-agent"] ?? "", /Mozilla.*Chrome/);
  assert.match(site.requests.at(-1)?.headers.accept ?? "", /text\/html/);

  const asked = site.requests.map(
    ({ path, body }) => new URL(path, site.url).searchParams.get("q") ?? (JSON.parse(body) as { query: string }).query,
  );
  assert.deepEqual(asked, [query, query, query, query]);
});

test("Google's own answer is eight links", async (t) => {
  const site = await startSite(t, { "/customsearch/v1": json(googleAnswer) });
  const { linksOnly, results } = await searching(t, { google: site.url }).search("herons", signal());
  assert.deepEqual([linksOnly, results.length, results[0]?.href], [true, 8, "https://birds.example/1"]);
  const asked = new URL(site.requests[0]?.path ?? "", site.url).searchParams;
  assert.deepEqual([asked.get("q"), asked.get("cx"), asked.get("key")], ["herons", "engine", "google-key"]);
});

test("pitfall 75: throttling is reported as throttling with the waiting time, never as no results", async (t) => {
  for (const [route, expected] of [
    [html(challenge, 202), /status 202: it is throttling, try again in 60 seconds/],
    [html(challenge, 200), /shows a challenge for people: it is throttling, try again in 120 seconds/],
    [html("", 403), /status 403: it is throttling/],
    [
      (_q: unknown, response: Parameters<Route>[1]) => void response.writeHead(429, { "retry-after": "17" }).end(),
      /status 429: it is throttling, try again in 17 seconds/,
    ],
  ] as const) {
    const site = await startSite(t, { "/html/": route });
    const web = searching(t, { duckduckgo: site.url });
    await assert.rejects(web.search("herons", signal()), expected);
    await assert.rejects(web.search("other birds", signal()), /throttling/);
    assert.equal(site.requests.length, 1, "one that throttled is left alone");
  }
  const site = await startSite(t, { "/html/": html(noResults) });
  assert.deepEqual((await searching(t, { duckduckgo: site.url }).search("xyzzy", signal())).results, []);
  const strange = await startSite(t, { "/html/": html("<p>Something else</p>") });
  await assert.rejects(
    searching(t, { duckduckgo: strange.url }).search("x", signal()),
    /results that can be told apart/,
  );
});

test("the next provider is asked where one throttles, fails or is not there, in the usual order", async (t) => {
  const order: string[] = [];
  const refusing =
    (name: string, status: number): Route =>
    (request, response) => {
      order.push(name);
      json({ error: { errors: [{ reason: "rateLimitExceeded" }], message: "no" } }, status)(request, response);
    };
  const google = await startSite(t, { "*": refusing("google", 429) });
  const brave = await startSite(t, { "*": refusing("brave", 429) });
  const searxng = await startSite(t, { "*": refusing("searxng", 500) });
  const tavily = await startSite(t, { "*": refusing("tavily", 401) });
  const duckduckgo = await startSite(t, { "/html/": html(duckduckgoPage) });
  const all = {
    google: google.url,
    brave: brave.url,
    searxng: searxng.url,
    tavily: tavily.url,
    duckduckgo: duckduckgo.url,
  };
  const web = searching(t, all);
  assert.equal((await web.search("herons", signal())).provider, "duckduckgo");
  assert.deepEqual(order, ["google", "brave", "searxng", "tavily"]);
  await web.search(" herons ", signal());
  assert.equal(duckduckgo.requests.length, 1, "answers are kept for the run");
  const own = searching(t, all, {}, ["tavily", "brave"]);
  await assert.rejects(own.search("herons", signal()), /Tavily answers with status 401.*Brave answers with status 429/);
  assert.deepEqual(order.slice(4), ["tavily", "brave"]);
});

test("a wrong Google key is told as such, and the key is in no message", async (t) => {
  const body = { error: { code: 400, message: "API key not valid. google-key", errors: [{ reason: "badRequest" }] } };
  const site = await startSite(t, { "*": json(body, 400) });
  await assert.rejects(searching(t, { google: site.url }).search("x", signal()), (thrown: Error) => {
    assert.match(thrown.message, /Google API key is invalid or missing/);
    assert.doesNotMatch(thrown.message, /google-key/);
    return true;
  });
});

test("a Google project that may not search is told as such, not as throttling", async (t) => {
  const message = "This project does not have the access to Custom Search JSON API.";
  const body = { error: { code: 403, message, errors: [{ message, domain: "global", reason: "forbidden" }] } };
  const site = await startSite(t, { "*": json(body, 403) });
  await assert.rejects(searching(t, { google: site.url }).search("x", signal()), (thrown: Error) => {
    assert.match(thrown.message, /Google's search failed with status 403: This project does not have the access/);
    assert.doesNotMatch(thrown.message, /throttling/);
    return true;
  });
});

test("a search engine that redirects into the private network is not followed", async (t) => {
  const inside = await startSite(t, { "*": json(searxngAnswer) });
  const site = await startSite(t, {
    "*": (_request, response) => void response.writeHead(302, { location: inside.url }).end(),
  });
  await assert.rejects(searching(t, { searxng: site.url }).search("x", signal()), /refused/);
  assert.equal(inside.connections(), 0);
});

test("a search engine in the public web is asked through the proxy, one in a private network is not", async (t) => {
  const site = await startSite(t, { "/search": json(searxngAnswer) });
  const proxy = await startProxy(t, site);
  const names = await startNames(t, (name) => (name === "search.example" ? ["198.41.0.4"] : ["127.0.0.1"]));
  const guard = { dnsServer: names.server, connectMs: 300, proxies: { http: `http://127.0.0.1:${proxy.port}` } };
  const ask = (baseUrl: string) => searching(t, { searxng: baseUrl }, guard).search("herons", signal());
  assert.equal((await ask("http://search.example")).results.length, 8);
  assert.deepEqual(
    proxy.asked.map(({ target }) => target),
    ["198.41.0.4:80"],
  );
  assert.equal((await ask(`http://inside.example:${site.port}`)).results.length, 8);
  assert.equal(proxy.asked.length, 1);
});

test("what is ready, what is missing and when Google ends is told without asking anybody", () => {
  const { engines, ...search } = searchAt({ google: "", brave: "", searxng: "", tavily: "", duckduckgo: "" });
  const lacking = { ...engines, google: { ...engines["google"], engine: { name: "ENGINE", value: undefined } } };
  const states = describeSearch({ ...search, engines: lacking });
  assert.deepEqual(
    states.map(({ name, lacks }) => [name, lacks]),
    [
      ["google", ["ENGINE"]],
      ["brave", []],
      ["searxng", []],
      ["tavily", []],
      ["duckduckgo", []],
    ],
  );
  assert.match(states[0]?.text ?? "", /ENGINE missing.*2027-01-01/);
  assert.match(states[4]?.text ?? "", /^ready; best effort/);
});
