import { describe, expect, test } from 'vitest';
import { runMain } from '../helpers/io.js';

describe('remediate', () => {
  test.each([
    [['remediate', '/nowhere', '-f', 'ansibel'], 'did you mean "ansible"?'],
    [['remediate', '/nowhere'], '/nowhere'],
    [['remediate'], 'an argument is missing'],
  ])('%j says what is wrong and ends with 2', async (argv, said) => {
    const { code, out, err } = await runMain(argv);
    expect([code, out, err.includes(said), err]).toEqual([2, '', true, err]);
  });
});
