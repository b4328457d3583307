// LangChain's chat model, embeddings and tools for JavaScript, by @langchain/openai.
// client: LangChain for JavaScript
// packages: @langchain/openai@1.6.0 @langchain/core@1.4.0 zod@4.6.7
// aliases: @langchain/openai

import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { concat } from "@langchain/core/utils/stream";
import { tool as made } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";

const settings = (ask) => ({
  model: ask.model,
  apiKey: ask.key,
  configuration: { baseURL: ask.base_url, defaultHeaders: ask.headers },
});

const model = (ask, more) => new ChatOpenAI({ ...settings(ask), ...more });

const said = (message) => {
  const used = message.usage_metadata;
  return {
    text: message.text,
    usage: used && { input: used.input_tokens, output: used.output_tokens, total: used.total_tokens },
    finish: message.response_metadata.finish_reason,
  };
};

const once = async (ask, messages, more) => said(await model(ask, more).invoke(messages));

export const plain = (ask) => once(ask, ask.prompt);
export const system = (ask) => once(ask, [new SystemMessage(ask.say.system), new HumanMessage(ask.prompt)]);
export { plain as unknown_model, plain as wrong_key };

// Its default is six attempts more, with pauses that grow past a minute; here as many as the SDK under it.
const TWICE = { maxRetries: 2 };
export const rate_limit = async (ask) => ({ ...(await once(ask, ask.prompt, TWICE)), promised: 3 });
export { rate_limit as unavailable };

export function developer(ask) {
  const first = new SystemMessage({
    content: ask.say.system, additional_kwargs: { __openai_role__: "developer" },
  });
  return once(ask, [first, new HumanMessage(ask.prompt)]);
}

export function image(ask) {
  const content = [
    { type: "text", text: ask.prompt },
    { type: "image_url", image_url: { url: ask.say.image } },
  ];
  return once(ask, [new HumanMessage({ content })]);
}

// The pieces of a stream, added up, as LangChain's users do it.
async function added(asking, messages) {
  let whole;
  for await (const piece of await asking.stream(messages)) whole = whole === undefined ? piece : concat(whole, piece);
  return whole;
}

export const stream = async (ask) => ({ text: (await added(model(ask), ask.prompt)).text });
export const usage = async (ask) => said(await added(model(ask, { streamUsage: true }), ask.prompt));
export { stream as cut_stream };

// Ask, run what is called, and ask on until there is a text.
async function withTools(ask, messages, names, { streaming = false, ...more } = {}) {
  const tools = Object.fromEntries(
    names.map((name) => [name, made(ask[name], { name, description: ask.schema(name).description, schema: ask.inputs[name] })]),
  );
  const asking = model(ask, more).bindTools(Object.values(tools));
  for (let turn = 0; turn < 5; turn++) {
    const message = await (streaming ? added(asking, messages) : asking.invoke(messages));
    messages.push(message);
    if (!message.tool_calls?.length) return { text: message.text };
    for (const call of message.tool_calls) messages.push(await tools[call.name].invoke(call));
  }
  throw new Error("the model calls tools without end");
}

export const tool = (ask) => withTools(ask, [new HumanMessage(ask.prompt)], ["get_weather"]);
export const tool_stream = (ask) => withTools(ask, [new HumanMessage(ask.prompt)], ["get_weather"], { streaming: true });
export const no_arguments = (ask) => withTools(ask, [new HumanMessage(ask.prompt)], ["current_time"]);
export { tool as two_calls };

export async function agent(ask) {
  let [messages, given] = [[], {}];
  for (const prompt of ask.say.prompts) {
    messages.push(new HumanMessage(prompt));
    given = await withTools(ask, messages, ["get_weather", "current_time"]);
  }
  return given;
}

export const structured = async (ask) => ({
  value: await model(ask).withStructuredOutput(ask.Capital).invoke(ask.prompt),
});

const RESPONSES = { useResponsesApi: true };
const counted = ({ text, usage: used }) => ({ text, usage: used });
export const responses = async (ask) => counted(await once(ask, ask.prompt, RESPONSES));
export const responses_stream = async (ask) => counted(said(await added(model(ask, RESPONSES), ask.prompt)));
export const responses_tool = (ask) => withTools(ask, [new HumanMessage(ask.prompt)], ["get_weather"], RESPONSES);

export async function embeddings(ask) {
  const vectors = await new OpenAIEmbeddings(settings(ask)).embedDocuments(ask.say.texts);
  return { value: { count: vectors.length, dimensions: vectors[0].length, first: vectors[0].slice(0, 3) } };
}
