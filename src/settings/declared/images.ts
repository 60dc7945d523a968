import * as z from "zod";
import { setting } from "../setting.js";
import { choice, key, text, webAddress } from "../value-types.js";

const images = "Images";

/** Who makes pictures. */
export const imageSettings = {
  imageProvider: setting({
    group: images,
    environment: ["IMAGE_PROVIDER"],
    type: choice("dalle", "openai", "sd", "huggingface", "sdwebui"),
    default: "dalle",
    help: "Who makes images: dalle or openai (OpenAI), sd or huggingface (Hugging Face), sdwebui",
  }),
  imageModel: setting({
    group: images,
    environment: ["IMAGE_MODEL"],
    type: text("the name of a model"),
    default: "gpt-image-2.6-flare",
    help: "OpenAI's model for images",
  }),
  imageSize: setting({
    group: images,
    environment: ["IMAGE_SIZE"],
    type: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^(?:\d{2,4}(?:x\d{2,4})?|auto)$/)
      .describe("a number of pixels such as 1024, a size such as 1536x1024, or auto"),
    default: "1024",
    help: "Width and height in pixels; a service that does not know the size gets the next larger one",
  }),
  huggingFaceToken: setting({
    group: images,
    environment: ["HUGGINGFACE_API_TOKEN"],
    type: key(),
    secret: true,
    placeholder: "your-huggingface-api-token",
    help: "Token for Hugging Face",
  }),
  huggingFaceImageModel: setting({
    group: images,
    environment: ["HUGGINGFACE_IMAGE_MODEL"],
    type: text("the name of a model"),
    default: "black-forest-labs/FLUX.1-schnell",
    help: "Hugging Face's model for images",
  }),
  huggingFaceBaseUrl: setting({
    group: images,
    environment: ["HUGGINGFACE_API_BASE_URL"],
    type: webAddress(),
    default: "https://router.huggingface.co/hf-inference",
    help: "Address of Hugging Face's router",
  }),
  sdWebuiUrl: setting({
    group: images,
    environment: ["SD_WEBUI_URL"],
    type: webAddress(),
    default: "http://localhost:7860",
    help: "Address of a Stable Diffusion WebUI",
  }),
  sdWebuiAuth: setting({
    group: images,
    environment: ["SD_WEBUI_AUTH"],
    type: text("user:password"),
    secret: true,
    placeholder: "your-user:password",
    help: "User and password of the Stable Diffusion WebUI, as user:password",
  }),
};
