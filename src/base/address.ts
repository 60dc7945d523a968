/** Whether the server at this address is OpenAI's own. */
export const isOpenAi = (address: string): boolean => /(^|\.)openai\.com$/i.test(new URL(address).hostname);
