// What the page is for, with the demo model: pictures out of words and out of pictures.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {FrontPage, awaitPixels} from './front_page.mjs';
import {desktop, phone} from './browser.mjs';
import {Stack} from './stack.mjs';

// They have one gallery, so each has prompts of its own.
const first = {
  desktop: {viewport: desktop, prompt: 'a red apple on a blue background'},
  phone: {viewport: phone, prompt: 'a green star on a yellow background'},
};

/** @type {Stack} */
let stack;
before(async () => { stack = await Stack.start(); });
after(() => stack.stop());

for (const [name, {viewport, prompt}] of Object.entries(first)) {
  test(`${name}: a picture is made, with previews on the way and its parameters beside it`,
      async () => {
        const page = await FrontPage.open(stack.url, {viewport});
        await page.visit.shoot(`${name}-empty`);
        await page.generate({prompt, numbers: {Steps: 40, Seed: 7}});
        await page.progress.waitFor();
        await awaitPixels(page.preview);
        await page.visit.shoot(`${name}-preview`);
        await page.awaitPicture(prompt);
        await page.visit.assertFits();
        await page.visit.shoot(`${name}-gallery`);
        await page.showDetails(prompt);
        const details = await page.details.innerText();
        for (const text of [prompt, '40', '7', 'demo']) {
          assert.ok(details.includes(text), `${text} is not among the details:\n${details}`);
        }
        await page.visit.shoot(`${name}-details`);
        await page.visit.assertFits();
        await page.leave();
      });
}

test('a picture that is dropped on the page brings its parameters back', async () => {
  const apple = 'a red apple on a green background';
  const page = await FrontPage.open(stack.url);
  await page.generate({prompt: apple, numbers: {Steps: 5, Seed: 1234}});
  await page.awaitPicture(apple);
  const file = await page.download(apple);
  assert.match(file.name, /\.png$/);
  await page.leave();

  const another = await FrontPage.open(stack.url);
  await another.drop(file.bytes, file.name);
  await another.awaitValue(another.prompt, apple);
  await another.awaitValue(another.number('Seed'), '1234');
  await another.awaitValue(another.number('Steps'), '5');
  await another.leave();
});

test('only what the brush has painted is made anew', async () => {
  const apple = 'a red apple on a white background';
  const pear = 'a green pear on a white background';
  const page = await FrontPage.open(stack.url);
  await page.generate({prompt: apple, numbers: {Steps: 5, Seed: 1}});
  await page.awaitPicture(apple);
  await page.useAsInput(apple);
  await page.paintMask();
  await page.visit.shoot('desktop-mask');
  const sent = page.page.waitForRequest((request) => request.method() === 'POST' &&
      request.url().endsWith('/v1/jobs'));
  await page.generate({prompt: pear});
  const {parameters} = (await sent).postDataJSON();
  assert.ok(parameters.initImage ?? parameters.init_image, 'there is no picture to begin with');
  assert.ok(JSON.stringify(parameters).includes('mask'), 'there is no mask');
  await page.awaitPicture(pear);
  const before = await page.pixels(apple);
  const after = await page.pixels(pear);
  assert.deepEqual(after.corner, before.corner, 'the corner was not painted');
  assert.notDeepEqual(after.centre, before.centre, 'the middle was');
  await page.leave();
});
