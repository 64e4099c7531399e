import { expect, it } from 'vitest';
import { createTransport } from '../../src/transports/index.js';

it('makes transports by name, without touching anything', async () => {
  const transport = createTransport('ssh', { now: () => 0, configFile: 'none', home: '/nonexistent' });
  expect(transport.name).toBe('ssh');
  await transport.close();
  await transport.close();
});
