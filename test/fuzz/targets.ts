/** Every parser of bytes that a host or a remote system chooses. */
import { ACCESS_TARGETS } from './access-targets.js';
import { ANSWER_TARGETS } from './answer-targets.js';
import { HOST_TARGETS } from './host-targets.js';
import { KEY_TARGETS } from './key-targets.js';
import { SOURCE_TARGETS } from './source-targets.js';
import type { Target } from './target.js';

export const TARGETS: readonly Target[] = [
  ...HOST_TARGETS,
  ...KEY_TARGETS,
  ...ACCESS_TARGETS,
  ...SOURCE_TARGETS,
  ...ANSWER_TARGETS,
];
