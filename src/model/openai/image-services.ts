import * as z from "zod";
import { parseJson, wellFormedJson } from "../../base/json.js";
import { oneLine } from "../http/error-body.js";
import { FailedRequest, failureFrom, RefusedRequest, UnexpectedStatus } from "../http/errors.js";
import { fetchAnswer, readBody } from "../http/fetch.js";
import { meaningOf } from "../http/meaning.js";
import { wayTo } from "../http/proxy.js";
import type { Proxies } from "../../base/proxies.js";
import { withinTime } from "../http/timeouts.js";
import type { ImageModel } from "../model.js";
import { noUsage } from "../../history/totals.js";
import { kindOf } from "./learned/explain-refusal.js";
import { fullSize } from "./images.js";

export type HuggingFaceOptions = Reaching & { token: string; model: string };

/** Where a service is, and how it is reached. */
type Reaching = { baseUrl: string; timeoutMs: number; proxies?: Proxies };

/** Hugging Face's router, for models that make pictures: one request a call. Throws FailedRequest. */
export function huggingFaceImages({ baseUrl, token, model, timeoutMs, proxies }: HuggingFaceOptions): ImageModel {
  return {
    name: model,
    async send({ prompt, size, signal }) {
      const [width, height] = fullSize(size).split("x").map(Number);
      const parameters = width && height ? { parameters: { width, height } } : {};
      const path = model.split("/").map(encodeURIComponent).join("/");
      const bytes = await post(
        {
          service: "Hugging Face",
          setting: "HUGGINGFACE_API_BASE_URL",
          url: `${baseUrl}/models/${path}`,
          secret: token,
          timeoutMs,
          proxies,
          signal,
        },
        { authorization: `Bearer ${token}`, accept: "image/png" },
        { inputs: prompt, ...parameters },
      );
      return { bytes, usage: noUsage };
    },
  };
}

export type SdWebuiOptions = Reaching & { auth: string | undefined };

const picture = z.object({ images: z.tuple([z.string().min(1)], z.unknown()) });

/** A Stable Diffusion WebUI that was started with its API, with the original's sampler, steps and scale. */
export function sdWebuiImages({ baseUrl, auth, timeoutMs, proxies }: SdWebuiOptions): ImageModel {
  return {
    name: "sdwebui",
    async send({ prompt, size, signal }) {
      const [width = 512, height = width] = fullSize(size === "auto" ? "512" : size)
        .split("x")
        .map(Number);
      const body = await post(
        {
          service: "The Stable Diffusion WebUI",
          setting: "SD_WEBUI_URL",
          url: `${baseUrl}/sdapi/v1/txt2img`,
          secret: auth,
          timeoutMs,
          proxies,
          signal,
        },
        auth === undefined ? {} : { authorization: `Basic ${Buffer.from(auth).toString("base64")}` },
        { prompt, width, height, n_iter: 1, sampler_name: "DDIM", steps: 20, cfg_scale: 7 },
      );
      const parsed = picture.safeParse(parseJson(body.toString("utf8")));
      if (!parsed.success)
        throw new FailedRequest("not-a-completion", "The Stable Diffusion WebUI sent an answer without a picture.");
      return { bytes: Buffer.from(parsed.data.images[0].replace(/^data:[^,]*,/, ""), "base64"), usage: noUsage };
    },
  };
}

type Order = {
  service: string;
  /** The setting that says where the service is. */
  setting: string;
  url: string;
  /** The key, which no message may repeat. */
  secret: string | undefined;
  timeoutMs: number;
  proxies: Proxies | undefined;
  signal: AbortSignal;
};

/** Sends a JSON body to an image service. Throws FailedRequest, or the reason of the signal. */
async function post(order: Order, headers: Record<string, string>, body: object): Promise<Buffer> {
  const { service, setting, url, secret, timeoutMs, proxies, signal } = order;
  const way = wayTo(url, proxies);
  const address = `${service} at ${new URL(url).host}`;
  const request = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: wellFormedJson(body),
  };
  return withinTime({ address, timeoutMs, signal }, async (own) => {
    try {
      return await readBody(await fetchAnswer(url, { ...request, signal: own }, way.proxy), own);
    } catch (thrown) {
      if (thrown instanceof UnexpectedStatus) throw moved(address, thrown);
      throw thrown instanceof RefusedRequest
        ? refusal(address, thrown, secret)
        : failureFrom(thrown, { address, setting, way });
    }
  });
}

const moved = (address: string, cause: UnexpectedStatus): FailedRequest =>
  new FailedRequest("refused", `${address} answers with status ${cause.status}, which is not followed.`, {
    advice: "Check its address.",
    cause,
  });

function refusal(address: string, refused: RefusedRequest, secret: string | undefined): FailedRequest {
  const meaning = meaningOf(refused);
  const said = oneLine(refused.errorBody.message, secret);
  const message = `${address} answers with status ${refused.status}.${said && ` It says: "${said}"`}`;
  const loading = meaning.kind === "wait" && meaning.loading;
  return new FailedRequest(kindOf(meaning, refused.status), message, { retryAfterMs: refused.retryAfterMs, loading });
}
