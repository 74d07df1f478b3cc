// OpenAI's client for Node (package.json) against the Darkroom at this URL, as its users use it:
//   node openai_client.mjs URL KEY picture.png mask.png TEST...
// Ends with 0 when all is as it should be. openai_node_test.py runs it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import OpenAI from 'openai';

const [url, key, picture, mask, ...names] = process.argv.slice(2);
const statuses = [];
const client = new OpenAI({
  baseURL: `${url}/v1`,
  apiKey: key,
  fetch: async (...request) => {
    const answer = await fetch(...request);
    statuses.push(answer.status);
    return answer;
  },
});

function isPng(base64) {
  return Buffer.from(base64, 'base64').subarray(1, 4).toString() === 'PNG';
}

async function listModels() {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.deepEqual(ids, ['fake']);
  assert.equal((await client.models.retrieve('fake')).object, 'model');
}

async function generate() {
  const answer = await client.images.generate(
      {model: 'gpt-image-1', prompt: 'a red apple', n: 2, size: '128x64', quality: 'auto'});
  assert.equal(answer.data.length, 2);
  assert.ok(answer.data.every((image) => isPng(image.b64_json)));
  assert.equal(answer.size, '128x64');
  assert.equal(answer.usage.total_tokens, 0);
}

async function stream() {
  const stream = await client.images.generate(
      {model: 'gpt-image-1', prompt: 'a red apple', stream: true, partial_images: 3});
  const events = [];
  for await (const event of stream) events.push(event);
  const last = events.pop();
  assert.equal(last.type, 'image_generation.completed');
  assert.ok(isPng(last.b64_json));
  assert.ok(events.length >= 1);
  events.forEach((event, index) => {
    assert.equal(event.type, 'image_generation.partial_image');
    assert.equal(event.partial_image_index, index);
  });
}

async function edit() {
  const answer = await client.images.edit({
    model: 'gpt-image-1',
    prompt: 'a hat',
    image: fs.createReadStream(picture),
    mask: fs.createReadStream(mask),
  });
  assert.ok(isPng(answer.data[0].b64_json));
  const listed = await client.images.edit({prompt: 'a hat', image: [fs.createReadStream(picture)]});
  assert.equal(listed.data.length, 1);
  const varied = await client.images.createVariation({image: fs.createReadStream(picture), n: 2});
  assert.equal(varied.data.length, 2);
}

async function fail() {
  await assert.rejects(client.images.generate({prompt: 'x', size: '99x99'}), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, 'size');
    assert.equal(error.code, 'invalid_request');
    return true;
  });
  await assert.rejects(
      client.withOptions({apiKey: 'no such key'}).images.generate({prompt: 'x'}),
      OpenAI.AuthenticationError);
}

// The queue is full; what reads our output sees to room once it was told of the refusal.
async function retry() {
  const answer = client.images.generate({prompt: 'patient'}, {maxRetries: 100});
  while (!statuses.includes(429)) await new Promise((next) => setTimeout(next, 20));
  console.log('refused');
  assert.equal((await answer).data.length, 1);
}

const tests = {listModels, generate, stream, edit, fail, retry};
for (const name of names) {
  await tests[name]();
  console.log(`${name}: good`);
}
