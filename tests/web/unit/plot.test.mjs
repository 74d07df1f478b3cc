import assert from 'node:assert/strict';
import {test} from 'node:test';
import {PlotError, axisOf, mostCells, plotOf} from '../../../server/web/page/plot.js';

/** @param {() => unknown} act @param {string} word */
const refuses = (act, word) => assert.throws(
    act, (error) => error instanceof PlotError && error.word === word);

test('Ranges of numbers are A1111\'s: with a step, with a count, or by ones', () => {
  assert.deepEqual(axisOf('steps', '10-30 (+10), 7')?.values, ['10', '20', '30', '7']);
  assert.deepEqual(axisOf('guidanceScale', '1-10 [4]')?.values, ['1', '4', '7', '10']);
  assert.deepEqual(axisOf('seed', '3-5')?.values, ['3', '4', '5']);
  assert.deepEqual(axisOf('seed', '5-3')?.values, ['5', '4', '3']);
  assert.deepEqual(axisOf('strength', '0.1-0.3 (+0.1)')?.values, ['0.1', '0.2', '0.3']);
  assert.deepEqual(axisOf('steps', '4-4')?.values, ['4']);
  assert.deepEqual(axisOf('seed', '-1')?.values, ['-1']);
});

test('Values that are texts may hold commas between quotes', () => {
  assert.deepEqual(axisOf('prompt', 'cat, "a dog, sleeping" ,,bird')?.values,
      ['cat', 'a dog, sleeping', 'bird']);
  assert.equal(axisOf('', 'x'), undefined);
});

test('What is no number, never ends or is too much is refused', () => {
  refuses(() => axisOf('steps', 'many'), 'plotNotNumber');
  refuses(() => axisOf('steps', '10-20 (-1)'), 'plotNotNumber');
  refuses(() => axisOf('steps', '10-20 (+0)'), 'plotNotNumber');
  refuses(() => axisOf('seed', '1-100000000'), 'plotTooMany');
  refuses(() => axisOf('steps', ' , '), 'plotEmpty');
});

test('Every cell is one picture with its two values and the same seed', () => {
  const rows = plotOf({prompt: 'a cat', seed: '7', imageCount: 4},
      axisOf('steps', '5, 6'), axisOf('prompt', 'cat, dog'));
  assert.deepEqual(rows.map((row) => row.map((cell) => cell.parameters)), [
    [{prompt: 'a cat', seed: '7', imageCount: 1, steps: 5},
      {prompt: 'a cat', seed: '7', imageCount: 1, steps: 6}],
    [{prompt: 'a dog', seed: '7', imageCount: 1, steps: 5},
      {prompt: 'a dog', seed: '7', imageCount: 1, steps: 6}]]);
  assert.deepEqual(rows[1].map(({across, down}) => [across, down]), [['5', 'dog'], ['6', 'dog']]);
});

test('Seeds stay texts, and a strength goes to the picture to begin with', () => {
  const [[cell]] = plotOf({initImage: {name: 'jobs/a/images/0'}},
      axisOf('seed', '4294967295'), axisOf('strength', '0.5'));
  assert.deepEqual(cell.parameters, {
    imageCount: 1, seed: '4294967295', initImage: {name: 'jobs/a/images/0', strength: 0.5}});
});

test('Plots that cannot be made are refused', () => {
  refuses(() => plotOf({}, axisOf('seed', '1'), axisOf('seed', '2')), 'plotSame');
  refuses(() => plotOf({prompt: 'x'}, axisOf('prompt', 'cat, dog'), undefined), 'plotNotInPrompt');
  refuses(() => plotOf({}, axisOf('strength', '0.5'), undefined), 'plotNoPicture');
  refuses(() => plotOf({}, axisOf('seed', `1-${mostCells}`), axisOf('steps', '1, 2')),
      'plotTooMany');
});
