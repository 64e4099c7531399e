import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { rememberedByObject, rememberedByText, rememberedLately } from '../src/memo.js';
import { readFacts } from '../src/facts/index.js';
import { recording } from '../src/demo/fleet.js';
import type { HostEvidence } from '../src/model.js';

describe('remembered by text', () => {
  it('makes each answer once, as long as it is asked for', () => {
    let made = 0;
    const length = rememberedByText(
      (text: string) => {
        made += 1;
        return text.length;
      },
      (text) => text,
    );
    expect([length('one'), length('one'), length('three'), length('one')]).toEqual([3, 3, 5, 3]);
    expect(made).toBe(2);
  });

  it('remembers an answer of undefined too', () => {
    let made = 0;
    const nothing = rememberedByText(
      () => {
        made += 1;
        return undefined;
      },
      () => 'key',
    );
    expect([nothing(), nothing()]).toEqual([undefined, undefined]);
    expect(made).toBe(1);
  });

  it('forgets what was not asked for lately, keeps what was, and always answers alike', () => {
    const asked: string[] = [];
    const upper = rememberedByText(
      (text: string) => {
        asked.push(text);
        return text.toUpperCase();
      },
      (text) => text,
      8,
    );
    for (const text of ['aaaa', 'bbbb', 'aaaa', 'cccc', 'aaaa', 'dddd', 'aaaa', 'eeee', 'bbbb'])
      expect(upper(text)).toBe(text.toUpperCase());
    expect(asked.filter((text) => text === 'aaaa')).toHaveLength(1);
    expect(asked.filter((text) => text === 'bbbb')).toHaveLength(2);
    fc.assert(
      fc.property(fc.string(), (text) => upper(text) === text.toUpperCase()),
      { seed: 14, numRuns: 500 },
    );
  });
});

it('remembered lately: once for each while there is room, by the object itself', () => {
  const made: string[] = [];
  const write = rememberedLately(
    ({ text }: { text: string }) => {
      made.push(text);
      return text.repeat(2);
    },
    (answer) => answer.length,
    8,
  );
  const [a, b, c, likeA] = [{ text: 'aa' }, { text: 'bb' }, { text: 'cc' }, { text: 'aa' }];
  expect([write(a), write(a), write(likeA)]).toEqual(['aaaa', 'aaaa', 'aaaa']);
  expect(made).toEqual(['aa', 'aa']);
  // Each takes four of eight characters: asked for in between, a stays; b is forgotten.
  for (const one of [b, a, c, a, likeA, a]) expect(write(one)).toBe(one.text.repeat(2));
  expect(made.filter((text) => text === 'bb')).toHaveLength(1);
  write(b);
  expect(made.filter((text) => text === 'bb')).toHaveLength(2);
});

it('remembered by object: once for each, equal or not', () => {
  let made = 0;
  const count = rememberedByObject(() => (made += 1));
  const [one, two] = [{}, {}];
  expect([count(one), count(two), count(one)]).toEqual([1, 2, 1]);
});

/** Host evidence of a recorded host. */
function evidenceOf(name: string): HostEvidence {
  const { probes, recordedAt } = recording(name);
  return {
    schema: 1,
    host: 'h',
    startedAt: recordedAt,
    finishedAt: recordedAt,
    collector: { protocol: 1, uid: 0, clock: 0, shell: 'sh' },
    probes: structuredClone(probes),
  };
}

it('hosts read one after another have the facts they have alone, in any order', async () => {
  const names = ['sound', 'root-match', 'extra-ca', 'direct-ssh', 'password-drop-in', 'second-key-file'];
  const facts = (read: typeof readFacts, name: string) =>
    structuredClone({ ...read(evidenceOf(name), { wrappers: [] }) });
  const alone = [];
  for (const name of names) {
    // Modules of its own: nothing is remembered of another host.
    vi.resetModules();
    const fresh = await import('../src/facts/index.js');
    alone.push(facts(fresh.readFacts, name));
  }
  const there = names.map((name) => facts(readFacts, name));
  const back = names.toReversed().map((name) => facts(readFacts, name));
  expect(there).toEqual(alone);
  expect(back.toReversed()).toEqual(alone);
  // What tells these hosts apart is still told apart.
  expect(there[1]?.sshd).not.toEqual(there[0]?.sshd);
  expect(there[2]?.caFiles).not.toEqual(there[0]?.caFiles);
  expect(there[3]?.schedules).not.toEqual(there[0]?.schedules);
});
