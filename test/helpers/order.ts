/** The order of test files: what takes longest first, so that no worker is left alone with it at the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Ends of paths, longest first; the others follow as vitest orders them. */
const LONGEST = [
  'remedy/fleet.test.ts',
  'e2e/fleet.test.ts',
  'queue/queue.test.ts',
  'collector/keys.test.ts',
  'e2e/other-ways.test.ts',
  'e2e/migration.test.ts',
  'transports/ssm/index.test.ts',
  'collector/forced.test.ts',
  'checks/ca-trust.test.ts',
  'checks/principals.test.ts',
  'transports/ssh-conformance.test.ts',
  'transports/openssh/login.test.ts',
  'examples/sharding.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex((end) => moduleId.endsWith(`/test/${end}`));
      return index === -1 ? LONGEST.length : index;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
