// openai-node calls every route of the reference and reads what it gives as callers do. In: BASE_URL, KEY, MODEL, MODELS (JSON by task),
// AUDIO and PICTURE (files). Out: a line a call; the exit code is how many failed.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import OpenAI, { toFile } from 'openai';

const { BASE_URL, KEY, MODEL, AUDIO, PICTURE } = process.env;
const models = JSON.parse(process.env.MODELS);
const client = new OpenAI({ baseURL: BASE_URL, apiKey: KEY, maxRetries: 0 });
const all = async (given) => {
  const found = [];
  for await (const each of await given) found.push(each);
  return found;
};
const picture = () => toFile(fs.readFileSync(PICTURE), 'a.png', { type: 'image/png' });
const sound = () => fs.createReadStream(AUDIO);

const calls = {
  async chat() {
    const asked = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] };
    const whole = await client.chat.completions.create(asked);
    const chunks = await all(client.chat.completions.create({ ...asked, stream: true }));
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''), whole.choices[0].message.content);
    const kept = await client.chat.completions.create({ ...asked, store: true });
    assert.equal((await client.chat.completions.retrieve(kept.id)).id, kept.id);
  },
  async models() {
    for (const { id } of await all(client.models.list())) assert.equal((await client.models.retrieve(id)).id, id);
  },
  async responses() {
    const asked = { model: MODEL, input: 'Say hello.' };
    const answer = await client.responses.create(asked);
    const events = await all(client.responses.create({ ...asked, stream: true }));
    assert.equal(events.at(-1).type, 'response.completed');
    assert.equal(events.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta).join(''), answer.output_text);
    assert.equal((await client.responses.retrieve(answer.id)).output_text, answer.output_text);
    assert.equal((await all(client.responses.inputItems.list(answer.id)))[0].type, 'message');
    assert.equal((await client.responses.create({ ...asked, previous_response_id: answer.id })).previous_response_id, answer.id);
    assert.equal((await client.responses.inputTokens.count(asked)).input_tokens, answer.usage.input_tokens);
    assert.ok((await client.responses.compact(asked)).output);
    const later = await client.responses.create({ ...asked, background: true });
    assert.ok((await client.responses.cancel(later.id)).status);
    await client.responses.delete(answer.id);
    await assert.rejects(client.responses.retrieve(answer.id), OpenAI.NotFoundError);
  },
  async conversations() {
    const own = client.conversations;
    const said = { type: 'message', role: 'user', content: 'Please remember the word marmalade.' };
    const { id } = await own.create({ metadata: { topic: 'jam' }, items: [said] });
    const asked = { model: MODEL, input: 'Which word did I ask you to remember?', conversation: id };
    const answer = await client.responses.create(asked);
    assert.equal(answer.conversation.id, id);
    const ended = (await all(client.responses.create({ ...asked, conversation: { id }, stream: true }))).at(-1).response;
    assert.ok(ended.usage.input_tokens > answer.usage.input_tokens);
    await assert.rejects(client.responses.create({ ...asked, previous_response_id: answer.id }), OpenAI.BadRequestError);
    const added = (await own.items.create(id, { items: [said] })).data[0];
    assert.equal((await all(own.items.list(id, { limit: 2, order: 'asc' })))[2].content[0].text, answer.output_text);
    assert.equal((await own.items.retrieve(added.id, { conversation_id: id })).role, 'user');
    assert.equal((await own.items.delete(added.id, { conversation_id: id })).id, id);
    assert.equal((await own.update(id, { metadata: { topic: 'honey' } })).metadata.topic, 'honey');
    assert.equal((await own.retrieve(id)).metadata.topic, 'honey');
    assert.ok((await own.delete(id)).deleted);
    await assert.rejects(client.responses.create(asked), OpenAI.NotFoundError);
  },
  async embeddings() {
    const asked = { model: models.embedding, input: ['one', 'two'] };
    const packed = await client.embeddings.create(asked);
    const plain = await client.embeddings.create({ ...asked, encoding_format: 'float' });
    packed.data.forEach(({ embedding }, n) => embedding.forEach((v, i) => assert.ok(Math.abs(v - plain.data[n].embedding[i]) < 1e-6)));
  },
  async completions() {
    const asked = { model: MODEL, prompt: 'One, two, three,', max_tokens: 5 };
    const whole = await client.completions.create(asked);
    const chunks = await all(client.completions.create({ ...asked, stream: true }));
    assert.equal(chunks.map((chunk) => chunk.choices[0].text).join(''), whole.choices[0].text);
  },
  async speech() {
    const spoken = await client.audio.speech.create({ model: models.speech, input: 'Hello', voice: 'alloy', response_format: 'wav' });
    assert.equal(Buffer.from(await spoken.arrayBuffer()).subarray(0, 4).toString(), 'RIFF');
  },
  async transcriptions() {
    const asked = { model: models.transcription };
    const { text } = await client.audio.transcriptions.create({ ...asked, file: sound() });
    assert.match(text, /morning/i);
    assert.match(await client.audio.transcriptions.create({ ...asked, file: sound(), response_format: 'srt' }), /-->/);
    const events = await all(client.audio.transcriptions.create({ ...asked, file: sound(), stream: true }));
    assert.equal(events.at(-1).text, text);
    assert.ok((await client.audio.translations.create({ ...asked, file: sound() })).text);
  },
  async images() {
    const asked = { model: models.image, prompt: 'A yellow dot' };
    assert.equal((await client.images.generate({ ...asked, n: 2 })).data.length, 2);
    assert.equal((await all(client.images.generate({ ...asked, stream: true }))).at(-1).type, 'image_generation.completed');
    assert.ok((await client.images.edit({ ...asked, image: [await picture(), await picture()] })).data[0].b64_json);
    assert.ok((await client.images.createVariation({ model: models.image, image: await picture() })).data);
  },
  async moderations() {
    const { results } = await client.moderations.create({ model: models.moderation, input: ['Hello', 'I will kill you'] });
    assert.deepEqual(results.map((each) => each.flagged), [false, true]);
  },
  async files() {
    const body = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] };
    const line = JSON.stringify({ custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body });
    const sent = await client.files.create({ file: await toFile(Buffer.from(line), 'tasks.jsonl'), purpose: 'batch' });
    assert.ok((await all(client.files.list({ limit: 1 }))).some(({ id }) => id === sent.id));
    assert.equal(await (await client.files.content(sent.id)).text(), line);
    let batch = await client.batches.create({ input_file_id: sent.id, endpoint: '/v1/chat/completions', completion_window: '24h' });
    for (let n = 0; n < 20 && batch.status !== 'completed'; n += 1) batch = await client.batches.retrieve(batch.id);
    assert.equal(JSON.parse(await (await client.files.content(batch.output_file_id)).text()).custom_id, 'one');
    assert.ok((await client.files.delete(sent.id)).deleted);
  },
};

let failed = 0;
for (const [name, call] of Object.entries(calls)) {
  try {
    await call();
    console.log(`${name}: all calls parse`);
  } catch (error) {
    failed += 1;
    console.log(`${name}: ${error.constructor.name}: ${error.message}`);
  }
}
process.exit(failed);
