import { describe, expect, test } from 'vitest';
import { answerOf, createRecorder } from '../../src/sources/recorder.js';
import { askSources, diagnoseSources } from '../../src/sources/index.js';
import { serve } from '../fakes/vault.js';
import { sourceContext } from '../helpers/source-context.js';

const answer = (text: string) =>
  answerOf({ asked: 'GET x', at: new Date(0), status: 200, bytes: Buffer.from(text) });

describe('asking', () => {
  test('nothing configured is nothing asked', async () => {
    expect(await askSources({ sources: {} }, sourceContext())).toEqual([]);
    expect(await diagnoseSources({ sources: {} }, sourceContext())).toEqual([]);
  });
  test('a type nobody knows, and settings that do not fit, are evidence with a failure', async () => {
    const [unknown] = await askSources({ sources: { vault: { type: 'conjur' } } }, sourceContext());
    expect(unknown).toMatchObject({
      source: 'vault',
      type: 'conjur',
      answers: {},
      failures: [{ code: 'not-found' }],
    });
    const [broken] = await askSources({ sources: { vault: { type: 'vault', url: 5 } } }, sourceContext());
    expect(broken?.failures).toMatchObject([{ detail: expect.stringContaining('sources.vault: url') }]);
  });
  test('a cancelled run says so, for every source', async () => {
    const silent = await serve(() => undefined);
    const cancel = new AbortController();
    const vault = { type: 'vault', url: silent.url };
    const context = sourceContext({ env: { VAULT_TOKEN: 'hvs.x-1234' }, signal: cancel.signal });
    const asked = askSources({ sources: { vault } }, context);
    const told = diagnoseSources({ sources: { vault } }, context);
    setTimeout(() => cancel.abort(), 50);
    expect((await asked)[0]?.failures).toMatchObject([{ code: 'cancelled' }]);
    expect((await told)[0]?.lines).toMatchObject([
      { level: 'problem', text: expect.stringContaining('cancelled') },
    ]);
    await silent.stop();
  });
});

describe('the recorder', () => {
  test('keeps answers up to its limit, says once what it dropped, and then has no room', () => {
    const recorder = createRecorder(10);
    recorder.keep('a', answer('12345678'));
    recorder.keep('a', answer('1234'));
    expect(recorder.room()).toBe(6);
    recorder.keep('b', answer('1234567'));
    recorder.keep('c', answer('1234567'));
    expect(recorder.room()).toBe(0);
    const { answers, failures } = recorder.asked();
    expect(Object.keys(answers)).toEqual(['a']);
    expect(failures).toMatchObject([{ code: 'too-much', detail: expect.stringContaining('from b on') }]);
  });
  test('an answer and a failure of one request are both kept; failures are bounded', () => {
    const recorder = createRecorder();
    const failure = { code: 'denied', detail: 'no' };
    recorder.record('a', { ok: false, answer: answer('{}'), failure, headers: {} });
    for (let count = 0; count < 500; count += 1) recorder.fail(failure);
    expect(recorder.asked().answers['a']?.body).toBe('{}');
    expect(recorder.asked().failures).toHaveLength(200);
  });
});
