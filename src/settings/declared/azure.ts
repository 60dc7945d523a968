import { setting } from "../setting.js";
import { choice, text, truth, webAddress } from "../value-types.js";

const azure = "Azure (in place of OpenAI; azure.yaml may say the same)";
const deployment = () => text("the name of a deployment");

/** OpenAI's models on Azure: the seed's names, read as well as azure.yaml, which they win over. */
export const azureSettings = {
  useAzure: setting({
    group: azure,
    environment: ["USE_AZURE"],
    type: truth(),
    default: false,
    help: "Models are asked on Azure; OPENAI_API_KEY is then the key of the Azure resource",
  }),
  azureConfigFile: setting({
    group: azure,
    environment: ["AZURE_CONFIG_FILE"],
    type: text("a file name"),
    path: true,
    above: ["azure.yaml"],
    default: "azure.yaml",
    help: "File with azure_api_base, azure_api_version and azure_model_map",
  }),
  azureApiType: setting({
    group: azure,
    environment: ["OPENAI_API_TYPE"],
    type: choice("azure", "azure_ad", "azuread", "openai", "open_ai"),
    example: "azure",
    help: "azure (a key) or azure_ad (OPENAI_API_KEY is a token of Microsoft Entra)",
  }),
  azureApiBase: setting({
    group: azure,
    environment: ["OPENAI_AZURE_API_BASE"],
    type: webAddress(),
    placeholder: "your-base-url-for-azure",
    help: "Address of the resource: https://NAME.openai.azure.com, or with /openai/v1 at its end",
  }),
  azureApiVersion: setting({
    group: azure,
    environment: ["OPENAI_AZURE_API_VERSION"],
    type: text("a version such as 2024-10-21, or v1"),
    placeholder: "your-api-version-for-azure",
    help: "Version of the interface, such as 2024-10-21; v1 or none for the v1 address",
  }),
  azureDeployment: setting({
    group: azure,
    environment: ["OPENAI_AZURE_DEPLOYMENT_ID"],
    type: deployment(),
    placeholder: "your-deployment-id-for-azure",
    help: "Deployment for everything that the next two do not name",
  }),
  azureChatDeployment: setting({
    group: azure,
    environment: ["OPENAI_AZURE_CHAT_DEPLOYMENT_ID"],
    type: deployment(),
    placeholder: "your-deployment-id-for-azure-chat",
    help: "Deployment that chats, for both the smart and the fast model",
  }),
  azureEmbeddingsDeployment: setting({
    group: azure,
    environment: ["OPENAI_AZURE_EMBEDDINGS_DEPLOYMENT_ID"],
    type: deployment(),
    placeholder: "your-deployment-id-for-azure-embeddings",
    help: "Deployment of the embedding model",
  }),
};
