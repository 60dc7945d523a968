import type { RunLimits } from "../history/event-parts.js";
import type { Tape } from "../cassette/tape.js";
import type { Emit } from "../history/emit.js";
import type { Catalog } from "../model/catalog/catalog.js";
import type { ModelEntry } from "../model/catalog/model-entry.js";
import type { Governor } from "../model/budget/governor.js";
import { huggingFaceImages, sdWebuiImages } from "../model/openai/image-services.js";
import type { ImageModel } from "../model/model.js";
import { openAiImages } from "../model/openai/images.js";
import { withRetry } from "../model/retry.js";
import type { TokenCounter } from "../model/tokens.js";
import type { OpenServer } from "./server.js";
import { tapedImages, waitsOf } from "./tape/taped-models.js";
import { proxiesOf } from "../settings/proxies.js";
import type { Settings } from "../settings/schema.js";

/** A picture is tried again once or twice; a model that is being loaded takes a while. */
const imageRetries = 2;
/** The tokens set aside for one picture where the catalog gives a price and no limit: as many as for OpenAI's models. */
const mostPictureTokens = 10_000;

export type ImagesRequest = {
  request: { settings: Settings; limits: RunLimits; emit: Emit; tape?: Tape | null };
  opened: Pick<OpenServer, "catalog" | "server">;
  governor: Governor;
  counterOf(entry: ModelEntry): TokenCounter;
};

/**
 * Who makes pictures, where that is configured. OpenAI's prices are kept to; what other services cost is not known here,
 * and their pictures count as requests alone. With a cost limit and no price there are no pictures.
 */
export function createImages({ request, opened, governor, counterOf }: ImagesRequest): ImageModel | null {
  const { catalog, server } = opened;
  const { settings, limits, emit } = request;
  const timeoutMs = settings.openAiTimeout * 1000;
  const proxies = proxiesOf(settings);
  const governed = (model: ImageModel, entry: ModelEntry): ImageModel =>
    withRetry(governor.images(model, entry, counterOf(entry)), {
      retries: imageRetries,
      emit,
      ...waitsOf(request.tape),
    });
  switch (settings.imageProvider) {
    case "dalle":
    case "openai": {
      const entry = catalog.get(settings.imageModel);
      if (entry.prices) entry.maxOutputTokens ??= mostPictureTokens;
      if (settings.openAiApiKey === undefined || (limits.costUsd !== null && !entry.prices)) return null;
      return governed(openAiImages({ server, entry, setting: "IMAGE_MODEL", counter: counterOf(entry) }), entry);
    }
    case "sd":
    case "huggingface": {
      const { huggingFaceToken: token, huggingFaceImageModel: model, huggingFaceBaseUrl: baseUrl } = settings;
      if (token === undefined) return null;
      return governed(
        tapedImages(huggingFaceImages({ baseUrl, token, model, timeoutMs, proxies }), request.tape),
        freeOf(catalog, model),
      );
    }
    case "sdwebui":
      return governed(
        tapedImages(
          sdWebuiImages({ baseUrl: settings.sdWebuiUrl, auth: settings.sdWebuiAuth, timeoutMs, proxies }),
          request.tape,
        ),
        freeOf(catalog, "sdwebui"),
      );
  }
}

/** An entry without a price, for services that settle with the user themselves. */
const freeOf = (catalog: Catalog, name: string): ModelEntry => {
  const entry = catalog.get(name);
  delete entry.prices;
  delete entry.maxOutputTokens;
  return entry;
};
