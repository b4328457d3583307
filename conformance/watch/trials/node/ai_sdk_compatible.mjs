// The AI SDK with its provider for compatible endpoints, which asks for chat completions.
// client: AI SDK, @ai-sdk/openai-compatible
// packages: ai@7.0.173 @ai-sdk/openai-compatible@3.0.92 zod@4.6.7
// aliases: ai-sdk @ai-sdk/openai-compatible

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, isStepCount, Output, streamText, tool as made } from "ai";

export const PROMISED = 3; // `maxRetries` is 2 unless it is set

const provider = (ask, more) =>
  createOpenAICompatible({ name: "endpoint", baseURL: ask.base_url, apiKey: ask.key, headers: ask.headers, ...more });

const counts = (used) => used && { input: used.inputTokens, output: used.outputTokens, total: used.totalTokens };

async function once(ask, asked, more) {
  const result = await generateText({ model: provider(ask, more)(ask.model), prompt: ask.prompt, ...asked });
  return { text: result.text, usage: counts(result.usage), finish: result.rawFinishReason };
}

export const plain = (ask) => once(ask);
export const system = (ask) => once(ask, { instructions: ask.say.system });
export { plain as unknown_model, plain as wrong_key, plain as rate_limit, plain as unavailable };

export function image(ask) {
  const content = [
    { type: "text", text: ask.prompt },
    { type: "image", image: ask.say.image },
  ];
  return once(ask, { prompt: undefined, messages: [{ role: "user", content }] });
}

// As its documents read a stream in which errors are handled: part by part.
async function streamed(ask, asked, more) {
  let [text, pieces] = ["", 0];
  const result = streamText({ model: provider(ask, more)(ask.model), prompt: ask.prompt, onError: () => {}, ...asked });
  for await (const part of result.stream) {
    if (part.type === "error") throw part.error;
    if (part.type === "start-step") text = "";
    if (part.type === "text-delta") {
      text += part.text;
      pieces += 1;
    }
  }
  return { text, usage: counts(await result.usage), finish: await result.rawFinishReason, pieces };
}

export const stream = (ask) => streamed(ask);
export const usage = (ask) => streamed(ask, {}, { includeUsage: true });
export { stream as cut_stream };

function tools(ask, names) {
  const given = names.map((name) => [
    name,
    made({
      description: ask.schema(name).description, inputSchema: ask.inputs[name], execute: async (values) => ask[name](values),
    }),
  ]);
  return { tools: Object.fromEntries(given), stopWhen: isStepCount(5) };
}

export const tool = (ask) => once(ask, tools(ask, ["get_weather"]));
export const no_arguments = (ask) => once(ask, tools(ask, ["current_time"]));
export { tool as two_calls };
export const tool_stream = (ask) => streamed(ask, tools(ask, ["get_weather"]));

export async function agent(ask) {
  let [messages, text] = [[], ""];
  for (const prompt of ask.say.prompts) {
    messages.push({ role: "user", content: prompt });
    const asked = { model: provider(ask)(ask.model), messages, ...tools(ask, ["get_weather", "current_time"]) };
    const result = await generateText(asked);
    messages.push(...result.responseMessages);
    text = result.text;
  }
  return { text };
}

export async function structured(ask) {
  const asked = { model: provider(ask, { supportsStructuredOutputs: true })(ask.model), prompt: ask.prompt };
  return { value: (await generateText({ ...asked, output: Output.object({ schema: ask.Capital }) })).output };
}

export async function embeddings(ask) {
  const model = provider(ask).embeddingModel(ask.model);
  const { embeddings: vectors } = await embedMany({ model, values: ask.say.texts });
  return { value: { count: vectors.length, dimensions: vectors[0].length, first: vectors[0].slice(0, 3) } };
}
