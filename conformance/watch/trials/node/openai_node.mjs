// openai-node: each scenario as its documents do it; tools by its runner.
// client: openai for Node
// packages: openai@7.59.0 zod@4.6.7
// aliases: openai-js

import OpenAI, { toFile } from "openai";
import { zodResponseFormat } from "openai/helpers/zod";

export const PROMISED = 3; // `maxRetries` is 2 unless it is set

const client = (ask) => new OpenAI({ baseURL: ask.base_url, apiKey: ask.key, defaultHeaders: ask.headers });

const counts = (used) =>
  used && { input: used.prompt_tokens, output: used.completion_tokens, total: used.total_tokens };

const asked = (ask, role) => [
  ...(role ? [{ role, content: ask.say.system }] : []),
  { role: "user", content: ask.prompt },
];

const said = ({ choices: [{ message, finish_reason }], usage: used }) => ({
  text: message.content,
  usage: counts(used),
  finish: finish_reason,
});

const once = async (ask, messages) => said(await client(ask).chat.completions.create({ model: ask.model, messages }));

export const plain = (ask) => once(ask, asked(ask));
export const system = (ask) => once(ask, asked(ask, "system"));
export const developer = (ask) => once(ask, asked(ask, "developer"));
export { plain as unknown_model, plain as wrong_key, plain as rate_limit, plain as unavailable };

export function image(ask) {
  const content = [
    { type: "text", text: ask.prompt },
    { type: "image_url", image_url: { url: ask.say.image } },
  ];
  return once(ask, [{ role: "user", content }]);
}

async function streamed(ask, more) {
  let [text, used, finish, pieces] = ["", null, null, 0];
  const chunks = await client(ask).chat.completions.create({
    model: ask.model, messages: asked(ask), stream: true, ...more,
  });
  for await (const chunk of chunks) {
    used = chunk.usage ?? used;
    for (const choice of chunk.choices) {
      text += choice.delta.content ?? "";
      pieces += choice.delta.content ? 1 : 0;
      finish = choice.finish_reason ?? finish;
    }
  }
  return { text, usage: counts(used), finish, pieces };
}

export const stream = (ask) => streamed(ask);
export const usage = (ask) => streamed(ask, { stream_options: { include_usage: true } });
export { stream as cut_stream };

function runner(ask, messages, names, more) {
  const tools = names.map((name) => ({
    type: "function",
    function: { ...ask.schema(name), function: ask[name], parse: (text) => JSON.parse(text || "{}") },
  }));
  return client(ask).chat.completions.runTools({ model: ask.model, messages, tools, ...more });
}

async function ran(ask, names, more) {
  const running = runner(ask, asked(ask), names, more);
  return { text: await running.finalContent() };
}

export const tool = (ask) => ran(ask, ["get_weather"]);
export const tool_stream = (ask) => ran(ask, ["get_weather"], { stream: true });
export const no_arguments = (ask) => ran(ask, ["current_time"]);
export { tool as two_calls };

export async function agent(ask) {
  let [messages, text] = [[], ""];
  for (const prompt of ask.say.prompts) {
    const running = runner(ask, [...messages, { role: "user", content: prompt }], ["get_weather", "current_time"]);
    text = await running.finalContent();
    messages = running.messages;
  }
  return { text };
}

export async function structured(ask) {
  const completion = await client(ask).chat.completions.parse({
    model: ask.model, messages: asked(ask), response_format: zodResponseFormat(ask.Capital, "Capital"),
  });
  return { ...said(completion), value: completion.choices[0].message.parsed };
}

const response = ({ output_text, usage: used }) => ({
  text: output_text,
  usage: used && { input: used.input_tokens, output: used.output_tokens, total: used.total_tokens },
});

export const responses = async (ask) =>
  response(await client(ask).responses.create({ model: ask.model, input: ask.prompt }));

export async function responses_stream(ask) {
  let pieces = 0;
  const events = client(ask).responses.stream({ model: ask.model, input: ask.prompt });
  for await (const event of events) pieces += event.type === "response.output_text.delta" ? 1 : 0;
  return { ...response(await events.finalResponse()), pieces };
}

export async function responses_tool(ask) {
  const input = [{ role: "user", content: ask.prompt }];
  const tools = [{ type: "function", strict: true, ...ask.schema("get_weather") }];
  for (let turn = 0; turn < 5; turn++) {
    const answer = await client(ask).responses.create({ model: ask.model, input, tools });
    const calls = answer.output.filter((item) => item.type === "function_call");
    if (!calls.length) return response(answer);
    const results = calls.map((call) => ({
      type: "function_call_output", call_id: call.call_id, output: ask.run(call.name, call.arguments),
    }));
    input.push(...answer.output, ...results);
  }
  throw new Error("the model calls tools without end");
}

export async function embeddings(ask) {
  const { data } = await client(ask).embeddings.create({ model: ask.model, input: ask.say.texts });
  const [{ embedding }] = data;
  return { value: { count: data.length, dimensions: embedding.length, first: embedding.slice(0, 3) } };
}

export async function speech(ask) {
  const answer = await client(ask).audio.speech.create({ model: ask.model, voice: "alloy", input: ask.say.text });
  return { value: { bytes: (await answer.arrayBuffer()).byteLength } };
}

export async function transcription(ask) {
  const file = await toFile(Buffer.from(ask.say.audio, "base64"), "morning.wav");
  return { text: (await client(ask).audio.transcriptions.create({ model: ask.model, file })).text };
}
