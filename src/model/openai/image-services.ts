import * as z from "zod";
import { parseJson } from "../../base/json.js";
import { oneLine, readErrorBody } from "./error-body.js";
import { FailedRequest } from "../http/errors.js";
import type { ImageModel } from "../model.js";
import { noUsage } from "../../history/totals.js";
import { fullSize } from "./images.js";
import { ConnectionFailure, fetchWhole, UnexpectedStatus } from "../http/fetch.js";

export type HuggingFaceOptions = { baseUrl: string; token: string; model: string; timeoutMs: number };

/** Hugging Face's router, for models that make pictures: one request a call. Throws FailedRequest. */
export function huggingFaceImages({ baseUrl, token, model, timeoutMs }: HuggingFaceOptions): ImageModel {
  return {
    name: model,
    async generate({ prompt, size, signal }) {
      const [width, height] = fullSize(size).split("x").map(Number);
      const parameters = width && height ? { parameters: { width, height } } : {};
      const path = model.split("/").map(encodeURIComponent).join("/");
      const bytes = await post(
        { service: "Hugging Face", url: `${baseUrl}/models/${path}`, secret: token, timeoutMs, signal },
        { authorization: `Bearer ${token}`, accept: "image/png" },
        { inputs: prompt, ...parameters },
      );
      return { bytes, usage: noUsage };
    },
  };
}

export type SdWebuiOptions = { baseUrl: string; auth: string | undefined; timeoutMs: number };

const picture = z.object({ images: z.tuple([z.string().min(1)], z.unknown()) });

/** A Stable Diffusion WebUI that was started with its API, with the original's sampler, steps and scale. */
export function sdWebuiImages({ baseUrl, auth, timeoutMs }: SdWebuiOptions): ImageModel {
  return {
    name: "sdwebui",
    async generate({ prompt, size, signal }) {
      const [width = 512, height = width] = fullSize(size === "auto" ? "512" : size)
        .split("x")
        .map(Number);
      const body = await post(
        { service: "The Stable Diffusion WebUI", url: `${baseUrl}/sdapi/v1/txt2img`, secret: auth, timeoutMs, signal },
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

type Asked = { service: string; url: string; secret: string | undefined; timeoutMs: number; signal: AbortSignal };

async function post(asked: Asked, headers: Record<string, string>, order: object): Promise<Buffer> {
  const { secret, timeoutMs, signal } = asked;
  const late = AbortSignal.timeout(timeoutMs);
  const request = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(order),
    signal: AbortSignal.any([signal, late]),
  };
  const response = await fetchWhole(asked.url, request).catch((thrown: unknown) => {
    signal.throwIfAborted();
    throw late.aborted ? tooLate(asked) : noAnswer(asked, thrown);
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.ok) return bytes;
  throw refusal(asked, response.status, oneLine(readErrorBody(bytes.toString("utf8")).message, secret));
}

const placeOf = ({ service, url }: Asked): string => `${service} at ${new URL(url).host}`;

const tooLate = (asked: Asked): FailedRequest =>
  new FailedRequest(
    "timeout",
    `${placeOf(asked)} did not answer within ${asked.timeoutMs / 1000} seconds. OPENAI_TIMEOUT sets how long to wait.`,
    { mayBeBilled: true },
  );

function noAnswer(asked: Asked, thrown: unknown): FailedRequest {
  const place = placeOf(asked);
  if (thrown instanceof UnexpectedStatus) {
    const said = `${place} answers with status ${thrown.status}, which is not followed. Check its address.`;
    return new FailedRequest("refused", said, { cause: thrown });
  }
  const code = thrown instanceof ConnectionFailure ? ` (${thrown.code})` : "";
  return new FailedRequest("no-connection", `${place} did not answer${code}.`, { cause: thrown });
}

function refusal(asked: Asked, status: number, said: string): FailedRequest {
  const kind =
    status === 401 ? "wrong-key" : status === 429 ? "rate-limit" : status >= 500 ? "server-fault" : "refused";
  return new FailedRequest(kind, `${placeOf(asked)} answers with status ${status}.${said && ` It says: "${said}"`}`);
}
