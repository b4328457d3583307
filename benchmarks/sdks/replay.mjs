// Replays answers through openai-node, as conformance/sdk/replay.py does through openai-python: nothing is sent, nothing retried.
// One JSON object a line in, one out: {answers: [...]} with what each way to call the client made of the answer. It must not judge.

import readline from 'node:readline';
import OpenAI from 'openai';

const PATIENCE = 1500; // milliseconds after which an answer that was left open counts as a hang
const CHAT = { model: 'model', messages: [{ role: 'user', content: 'Hello' }] };
const TRUTHFUL = { LengthFinishReasonError: 'length', ContentFilterFinishReasonError: 'content_filter' };

class InCaller extends Error {} // wraps what is thrown where a caller reads what the client gave

function body(x) {
  const bytes = Buffer.from(x.body, 'base64');
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(bytes));
      if (x.ended === 'complete') controller.close();
      else if (x.ended !== 'timeout') controller.error(new TypeError('terminated'));
    },
  });
}

function client(x) {
  const answer = () => new Response([204, 304].includes(x.status) ? null : body(x), { status: x.status, headers: x.headers });
  return new OpenAI({ apiKey: 'sk-replayed', baseURL: 'http://replay.invalid/v1', maxRetries: 0, fetch: async () => answer() });
}

function reading(read) {
  try {
    return read();
  } catch (error) {
    const wrapped = new InCaller();
    wrapped.cause = error;
    throw wrapped;
  }
}

const call = (c) =>
  c.type === 'custom'
    ? { id: c.id, type: c.type, name: c.custom.name, arguments: c.custom.input }
    : { id: c.id, type: c.type, name: c.function.name, arguments: c.function.arguments };

const completion = (answer) =>
  reading(() => ({
    choices: answer.choices.map(({ index, finish_reason, message }) => ({
      index, finish_reason, content: message.content, refusal: message.refusal, tool_calls: (message.tool_calls ?? []).map(call),
    })),
    roles: answer.choices.map((c) => c.message.role),
    usage: answer.usage,
    parsed: answer.choices.flatMap((c) => c.message.tool_calls ?? []).map((c) => c.function?.parsed_arguments != null),
  }));

async function looped(stream) {
  const seen = { chunks: 0, parts: [], usage: null };
  for await (const chunk of await stream) {
    reading(() => {
      if (chunk.usage != null) seen.usage = chunk.usage;
      for (const { index, finish_reason, delta } of chunk.choices) {
        const fragments = (delta.tool_calls ?? []).map((f) => ({ ...f }));
        const joined = { content: delta.content, refusal: delta.refusal, tool_calls: fragments };
        seen.parts.push([seen.chunks, index, { finish_reason, delta: joined }]);
      }
    });
    seen.chunks += 1;
  }
  return seen;
}

async function listed(pages) {
  const ids = [];
  for await (const model of pages) ids.push(reading(() => model.id));
  return { ids };
}

const ASK = { model: 'model', input: 'Hello' };
const DRAW = { model: 'model', prompt: 'A dot' };
const file = (name) => new File(['x'], name);
const response = (r) => [r.id, r.status, r.output_text, r.output.map((item) => item.type)];
const event = (e) => [e.type, e.type === 'response.completed' ? response(e.response) : null];
const texts = (answer) => answer.choices.map((choice) => [choice.index, choice.text.length]);
const spoken = (answer) => (typeof answer === 'string' ? answer : answer.text).length;
const pictures = (answer) => [answer.created, answer.data.map((image) => (image.b64_json ?? image.url).length)];
const whole = (answer) => [answer.id, answer.status];
const words = (x) => (['json', 'text', 'srt', 'vtt', 'verbose_json'].includes(x.words) ? { response_format: x.words } : {});
// The same calls as conformance/clients/endpoints.py: [name, call, what a caller reads].
const CALLS = {
  'POST responses': ['responses.create()', (c) => c.responses.create(ASK), response],
  'POST responses stream': ['responses.create({stream: true})', (c) => c.responses.create({ ...ASK, stream: true }), event],
  'GET response': ['responses.retrieve()', (c) => c.responses.retrieve('id'), response],
  'GET response stream': ['responses.retrieve({stream: true})', (c) => c.responses.retrieve('id', { stream: true }), event],
  'DELETE response': ['responses.delete()', (c) => c.responses.delete('id'), (answer) => answer],
  'POST response-cancel': ['responses.cancel()', (c) => c.responses.cancel('id'), response],
  'POST embeddings': [
    'embeddings.create()',
    (c, x) => c.embeddings.create({ ...ASK, ...(x.encoding === 'base64' ? {} : { encoding_format: 'float' }) }),
    (answer) => answer.data.map((each) => [each.index, each.embedding[0].toFixed(3)]),
  ],
  'POST completions': ['completions.create()', (c) => c.completions.create({ model: 'model', prompt: 'One' }), texts],
  'POST completions stream': [
    'completions.create({stream: true})', (c) => c.completions.create({ model: 'model', prompt: 'One', stream: true }), texts,
  ],
  'POST transcriptions': [
    'audio.transcriptions.create()', (c, x) => c.audio.transcriptions.create({ model: 'model', file: file('a.wav'), ...words(x) }), spoken,
  ],
  'POST transcriptions stream': [
    'audio.transcriptions.create({stream: true})',
    (c) => c.audio.transcriptions.create({ model: 'model', file: file('a.wav'), stream: true }), (e) => e.type,
  ],
  'POST translations': [
    'audio.translations.create()', (c, x) => c.audio.translations.create({ model: 'model', file: file('a.wav'), ...words(x) }), spoken,
  ],
  'POST images': ['images.generate()', (c) => c.images.generate(DRAW), pictures],
  'POST images stream': ['images.generate({stream: true})', (c) => c.images.generate({ ...DRAW, stream: true }), (e) => e.type],
  'POST image-edits': ['images.edit()', (c) => c.images.edit({ ...DRAW, image: file('a.png') }), pictures],
  'POST image-edits stream': ['images.edit({stream: true})', (c) => c.images.edit({ ...DRAW, image: file('a.png'), stream: true }), (e) => e.type],
  'POST image-variations': ['images.createVariation()', (c) => c.images.createVariation({ image: file('a.png') }), pictures],
  'POST moderations': [
    'moderations.create()', (c) => c.moderations.create({ input: 'Hello' }),
    (answer) => answer.results.map((each) => [each.flagged, each.categories.hate, each.category_scores.hate]),
  ],
  'POST files': ['files.create()', (c) => c.files.create({ file: file('a.jsonl'), purpose: 'batch' }), whole],
  'GET file': ['files.retrieve()', (c) => c.files.retrieve('id'), whole],
  'DELETE file': ['files.delete()', (c) => c.files.delete('id'), (answer) => answer.deleted],
  'POST batches': [
    'batches.create()',
    (c) => c.batches.create({ input_file_id: 'id', endpoint: '/v1/chat/completions', completion_window: '24h' }), whole,
  ],
  'GET batch': ['batches.retrieve()', (c) => c.batches.retrieve('id'), whole],
  'POST batch-cancel': ['batches.cancel()', (c) => c.batches.cancel('id'), whole],
};

async function taken([, call, read], made, x) {
  const got = await call(made, x);
  if (!x.streaming) reading(() => read(got));
  else for await (const each of got) reading(() => read(each));
  return {};
}

function* ways(x) {
  const { chat, models } = client(x);
  const tools = x.tools.map((f) => ({ type: 'function', function: { ...f, strict: true } }));
  if (x.route === 'chat' && x.streaming) {
    yield ['create(stream=True)', async () => looped(chat.completions.create({ ...CHAT, stream: true }))];
    if (x.status < 400 && !x.custom)
      yield ['the stream helper', async () => completion(await chat.completions.stream(CHAT).finalChatCompletion())];
  } else if (x.route === 'chat') {
    yield ['create()', async () => completion(await chat.completions.create(CHAT))];
    if (tools.length) yield ['parse()', async () => completion(await chat.completions.parse({ ...CHAT, tools }))];
  } else if (x.route === 'models') {
    yield ['models.list()', async () => listed(models.list())];
  } else if (x.route === 'model') {
    yield ['models.retrieve()', async () => ({ ids: [(await models.retrieve('model')).id] })];
  } else if (x.status < 300) {
    const found = CALLS[[x.method, x.route, ...(x.streaming ? ['stream'] : [])].join(' ')];
    if (found) yield [found[0], async () => taken(found, client(x), x)];
  } else if (x.status >= 400) {
    yield ['the client', async () => ({ ids: [await client(x).post('/route', { body: {} })] })];
  }
}

function failure(error) {
  const caller = error instanceof InCaller;
  if (caller) error = error.cause;
  const name = error?.constructor?.name ?? String(error);
  if (TRUTHFUL[name]) return { ended: TRUTHFUL[name] };
  const own = error instanceof OpenAI.OpenAIError;
  const refused = error instanceof OpenAI.APIError
    ? { status: error.status ?? null, code: error.code ?? null, type: error.type ?? null, param: error.param ?? null } : null;
  return { raised: (own ? 'openai.' : '') + name, said: String(error?.message ?? error), read_by_caller: caller, refused };
}

async function outcome([way, make]) {
  let timer;
  const hang = new Promise((resolve) => { timer = setTimeout(() => resolve({ raised: 'hang', said: '' }), PATIENCE); });
  try {
    return { way, ...(await Promise.race([make(), hang])) };
  } catch (error) {
    return { way, ...failure(error) };
  } finally {
    clearTimeout(timer);
  }
}

process.on('unhandledRejection', () => {}); // of a way that was given up
process.on('uncaughtException', () => {});
for await (const line of readline.createInterface({ input: process.stdin })) {
  const answers = [];
  for (const way of ways(JSON.parse(line))) answers.push(await outcome(way));
  process.stdout.write(JSON.stringify({ answers }) + '\n');
}
process.exit(0);
