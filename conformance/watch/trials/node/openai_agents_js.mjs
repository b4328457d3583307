// The OpenAI Agents SDK for JavaScript: an agent for each scenario, on its models for chat completions and for Responses.
// client: OpenAI Agents SDK for JavaScript
// packages: @openai/agents@0.20.0 openai@7.59.0 zod@4.6.7
// aliases: @openai/agents

import {
  Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run, setTracingDisabled, tool as made,
} from "@openai/agents";
import OpenAI from "openai";

export const PROMISED = 3; // of the client under it, which asks twice again
setTracingDisabled(true);

function able(ask, names = [], { kind = OpenAIChatCompletionsModel, ...more } = {}) {
  const client = new OpenAI({ baseURL: ask.base_url, apiKey: ask.key, defaultHeaders: ask.headers });
  const tools = names.map((name) =>
    made({
      name, description: ask.schema(name).description, parameters: ask.inputs[name], execute: async (given) => ask[name](given),
    }),
  );
  return new Agent({ name: "Assistant", model: new kind(client, ask.model), tools, ...more });
}

function said(result) {
  const used = result.state.usage;
  return {
    text: result.finalOutput,
    usage: { input: used.inputTokens, output: used.outputTokens, total: used.totalTokens },
  };
}

export const plain = async (ask) => said(await run(able(ask), ask.prompt));
export { plain as unknown_model, plain as wrong_key, plain as rate_limit, plain as unavailable };

async function streamed(agent, prompt) {
  let pieces = 0;
  const result = await run(agent, prompt, { stream: true });
  for await (const _ of result.toTextStream()) pieces += 1;
  await result.completed;
  return { ...said(result), pieces };
}

export const stream = async (ask) => ({ text: (await streamed(able(ask), ask.prompt)).text });
export const usage = (ask) => streamed(able(ask), ask.prompt);
export { stream as cut_stream };

export const tool = async (ask) => said(await run(able(ask, ["get_weather"]), ask.prompt));
export const tool_stream = async (ask) => ({ text: (await streamed(able(ask, ["get_weather"]), ask.prompt)).text });
export const no_arguments = async (ask) => said(await run(able(ask, ["current_time"]), ask.prompt));
export { tool as two_calls };

export async function agent(ask) {
  const assistant = able(ask, ["get_weather", "current_time"]);
  let [items, text] = [[], ""];
  for (const prompt of ask.say.prompts) {
    const result = await run(assistant, [...items, { role: "user", content: prompt }]);
    items = result.history;
    text = result.finalOutput;
  }
  return { text };
}

export const structured = async (ask) => ({
  value: (await run(able(ask, [], { outputType: ask.Capital }), ask.prompt)).finalOutput,
});

export async function image(ask) {
  const content = [
    { type: "input_text", text: ask.prompt },
    { type: "input_image", image: ask.say.image },
  ];
  return said(await run(able(ask), [{ role: "user", content }]));
}

export const system = async (ask) => said(await run(able(ask, [], { instructions: ask.say.system }), ask.prompt));

const RESPONSES = { kind: OpenAIResponsesModel };
export const responses = async (ask) => said(await run(able(ask, [], RESPONSES), ask.prompt));
export const responses_stream = (ask) => streamed(able(ask, [], RESPONSES), ask.prompt);
export const responses_tool = async (ask) => said(await run(able(ask, ["get_weather"], RESPONSES), ask.prompt));
