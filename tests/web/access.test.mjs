// Who may see what, by keys; and who can use the page: with a screen reader, by colours, in Russian.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Visit, desktop, phone} from './browser.mjs';
import {FrontPage} from './front_page.mjs';
import {Stack, eventually} from './stack.mjs';

/** @type {Stack} */
let stack;
before(async () => {
  stack = await Stack.start({
    fakeStepMs: 20,
    keys: {'key-of-alice': 'alice', 'key-of-bob': 'bob', 'key-of-ops': 'ops standard generate,admin'},
  });
});
after(() => stack.stop());

/** A visitor with a key. @param {string} key @param {import('./browser.mjs').VisitOptions} [options] */
async function visitorWith(key, options) {
  const page = await FrontPage.open(stack.url, options);
  await page.enterKey(key);
  return page;
}

test('without a key the page asks for one, and says which is wrong', async () => {
  const page = await FrontPage.open(stack.url);
  page.visit.excuse(/status of 401/);
  await page.enterKey('no such key');
  await page.alert.waitFor();
  await page.visit.shoot('desktop-wrong-key');
  await page.enterKey('key-of-alice');
  await page.generate({prompt: 'with a key', numbers: {Steps: 2}});
  await page.awaitPicture('with a key');
  await page.leave();
});

test('what one tenant has made, another does not see, in the same browser neither', async () => {
  const secret = 'a secret of alice';
  const alice = await visitorWith('key-of-alice');
  const created = alice.page.waitForResponse((response) =>
    response.request().method() === 'POST' && response.url().endsWith('/v1/jobs'));
  await alice.generate({prompt: secret, numbers: {Steps: 2}});
  await alice.awaitPicture(secret);
  const job = (await (await created).json()).name;

  const bob = await visitorWith('key-of-bob');
  // Where the page can be told to show a job, it is told so; what it asks for is not there for bob.
  bob.visit.excuse(/status of 404/);
  await bob.generate({prompt: 'of bob', numbers: {Steps: 2}});
  await bob.awaitPicture('of bob');
  for (const place of [`#${job}`, `#/${job}`, `?job=${job}`]) {
    await bob.page.goto(`${stack.url}/${place}`);
    await bob.awaitPicture('of bob');
    await bob.assertShowsNothingOf(secret, job);
  }
  await bob.leave();

  await alice.enterKey('key-of-bob');
  await alice.awaitPicture('of bob');
  await alice.assertShowsNothingOf(secret, job);
  await alice.page.reload();
  await alice.awaitPicture('of bob');
  await alice.assertShowsNothingOf(secret, job);
  await alice.leave();
});

test('the operator sees workers and queue, and others do not', async () => {
  const operator = await visitorWith('key-of-ops');
  await operator.operatorsView.click();
  await operator.page.getByText(/fake/i).filter({visible: true}).first().waitFor();
  await operator.visit.assertAccessible('the view of the operator');
  await operator.visit.shoot('desktop-operator');
  await operator.leave();

  const alice = await visitorWith('key-of-alice');
  assert.equal(await alice.operatorsView.filter({visible: true}).count(), 0);
  await alice.leave();
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const [name, viewport] of Object.entries({desktop, phone})) {
    test(`${name}, ${colorScheme}: nothing keeps anybody from using it`, async () => {
      const page = await visitorWith('key-of-alice', {colorScheme, viewport});
      await page.visit.assertAccessible('the page as it opens');
      await page.openAllParts();
      await page.visit.assertAccessible('with all parts of the form open');
      await page.visit.shoot(`${name}-${colorScheme}-form`);
      await page.generate({prompt: 'a picture for all', numbers: {Steps: 150}});
      await page.progress.waitFor();
      await page.visit.assertAccessible('while a job is under way');
      await page.awaitPicture('a picture for all');
      await page.visit.assertAccessible('with a gallery');
      await page.showDetails('a picture for all');
      await page.visit.assertAccessible('with the details of a picture');
      await page.visit.shoot(`${name}-${colorScheme}-details`);
      await page.visit.assertFits();
      await page.leave();
    });
  }
}

test('to those who read Russian it speaks it', async () => {
  const page = new FrontPage(await Visit.begin(stack.url, {locale: 'ru-RU'}));
  assert.equal(await page.page.locator('html').getAttribute('lang'), 'ru');
  assert.match(await page.page.locator('body').innerText(), /[а-яё]{4}/i);
  await page.visit.assertAccessible('in Russian');
  await page.visit.shoot('desktop-russian');
  await page.leave();
});

test('it is light, and soon there', async (t) => {
  let weight = 0;
  const page = await FrontPage.open(stack.url);
  /** @type {Promise<void>[]} */
  const sizes = [];
  page.page.on('requestfinished', (request) => {
    if (new URL(request.url()).pathname.startsWith('/v1/')) return;
    sizes.push(request.sizes().then(({responseBodySize, responseHeadersSize}) => {
      weight += responseBodySize + responseHeadersSize;
    }));
  });
  // A second visit of a browser that is made to forget the first.
  const session = await page.page.context().newCDPSession(page.page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', {cacheDisabled: true});
  await page.page.reload();
  await page.awaitReady();
  await Promise.all(sizes);
  const paint = await eventually('the first paint', () => page.page.evaluate(() =>
    performance.getEntriesByName('first-contentful-paint')[0]?.startTime));
  t.diagnostic(`${weight} bytes, first paint after ${Math.round(Number(paint))} ms`);
  assert.ok(weight > 1000, 'nothing was counted');
  assert.ok(weight <= 150_000, `the page weighs ${weight} bytes`);
  await page.leave();
});
