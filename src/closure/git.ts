/** Section 6.1: the central Git repository holds the authoritative inventory. */
import type { GitFacts } from '../facts/types.js';
import type { Condition, Reading } from '../model.js';

/** Met: tracked, without local changes, and its commit is on the upstream branch. One of these missing disproves it. */
export function inventoryInGit(git: Reading<GitFacts>): Condition {
  const base = {
    id: 'inventory-in-git',
    title: 'The authoritative principals inventory is in the central Git repository',
  };
  if (!git.ok)
    return { ...base, state: 'unproven', because: git.detail, provide: 'configure sources.git (type: git)' };
  const { commit, tracked, clean, pushed, upstream } = git.value;
  const evidence = [
    { probe: 'git', ...(upstream !== '' && { path: upstream }), excerpt: `commit ${commit}` },
  ];
  const wrong = !tracked
    ? 'the inventory file is not tracked by Git'
    : !clean
      ? `the inventory file has changes that are not in commit ${commit.slice(0, 12)}`
      : pushed === false
        ? `commit ${commit.slice(0, 12)} is not on ${upstream}`
        : null;
  if (wrong !== null)
    return { ...base, evidence, state: 'not-met', because: wrong, provide: 'commit and push the inventory' };
  if (pushed === null || upstream === '')
    return {
      ...base,
      evidence,
      state: 'unproven',
      because: `the inventory is in commit ${commit.slice(0, 12)}, but whether the central repository has it could not be asked${git.gaps.length > 0 ? `: ${git.gaps.join('; ')}` : ''}`,
      provide: 'an upstream branch that can be reached from here',
    };
  return {
    ...base,
    evidence,
    state: 'met',
    because: `commit ${commit.slice(0, 12)} of the inventory is on ${upstream}`,
  };
}
