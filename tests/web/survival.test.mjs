// What happens to the page when things go on, end, break and come back, over a worker that is as slow
// as a test needs it.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {hostileText} from './browser.mjs';
import {FrontPage} from './front_page.mjs';
import {Stack} from './stack.mjs';

/** @type {Stack} */
let stack;
before(async () => { stack = await Stack.start({fakeStepMs: 100}); });
after(() => stack.stop());

test('a job is cancelled, and the next one is made', async () => {
  const page = await FrontPage.open(stack.url);
  await page.generate({prompt: 'one that is not wanted', numbers: {Steps: 150}});
  await page.progress.waitFor();
  await page.cancelButton.click();
  await page.progress.waitFor({state: 'detached'});
  await page.generate({prompt: 'one that is wanted', numbers: {Steps: 2}});
  await page.awaitPicture('one that is wanted');
  assert.equal(await page.picture('one that is not wanted').count(), 0);
  await page.leave();
});

test('the gallery is there again after a reload, and so is a job under way', async () => {
  const page = await FrontPage.open(stack.url);
  await page.generate({prompt: 'the first', numbers: {Steps: 2}});
  await page.awaitPicture('the first');
  await page.generate({prompt: 'the second', numbers: {Steps: 60}});
  await page.progress.waitFor();
  await page.page.reload();
  await page.awaitPicture('the first');
  await page.progress.waitFor();
  await page.awaitPicture('the second');
  await page.leave();
});

test('the page catches up when the gateway dies under a job and comes back', async () => {
  const page = await FrontPage.open(stack.url);
  // The browser itself says so of each request that finds nobody.
  page.visit.excuse(/Failed to load resource: net::ERR_/);
  page.visit.excuse(/net::ERR_(CONNECTION|INCOMPLETE|EMPTY)/);
  await page.generate({prompt: 'one that is in the way', numbers: {Steps: 60}});
  await page.progress.waitFor();
  await stack.kill('gateway');
  await page.awaitOutage();
  await page.visit.shoot('desktop-outage');
  await stack.startGateway();
  await page.awaitPicture('one that is in the way');
  await page.generate({prompt: 'one after it', numbers: {Steps: 2}});
  await page.awaitPicture('one after it');
  await page.leave();
});

test('keys alone are enough', async () => {
  const page = await FrontPage.open(stack.url);
  const {keyboard} = page.page;
  await page.tabTo(page.prompt);
  await keyboard.type('typed by hand');
  await page.tabTo(page.number('Steps'));
  await keyboard.press('ControlOrMeta+A');
  await keyboard.type('2');
  await page.tabTo(page.generateButton);
  await keyboard.press('Enter');
  await page.awaitPicture('typed by hand');
  await page.tabTo(page.opener('typed by hand'));
  await keyboard.press('Enter');
  await page.details.waitFor();
  await keyboard.press('Escape');
  await page.details.waitFor({state: 'hidden'});
  await page.tabTo(page.prompt);
  await keyboard.press('ControlOrMeta+Enter');
  await page.progress.or(page.picture('typed by hand').nth(1)).first().waitFor();
  await page.leave();
});

test('markup in a prompt is text, everywhere and after a reload', async () => {
  const page = await FrontPage.open(stack.url);
  await page.generate({prompt: hostileText, numbers: {Steps: 2}});
  await page.awaitPicture(hostileText);
  await page.showDetails(hostileText);
  assert.ok((await page.details.innerText()).includes('<svg onload='));
  const file = await page.download(hostileText);
  await page.page.reload();
  await page.awaitPicture(hostileText);
  await page.leave();

  const another = await FrontPage.open(stack.url);
  await another.drop(file.bytes, '<img src=x onerror=alert(1)>.png');
  await another.awaitValue(another.prompt, hostileText);
  await another.leave();
});
