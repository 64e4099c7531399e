/** The version in package.json, found from source and from dist alike. */
import { readFileSync } from 'node:fs';
import { packagePaths } from './assets.js';

function read(): string {
  for (const path of packagePaths('package.json')) {
    try {
      const found = JSON.parse(readFileSync(path, 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (found.name === 'ssh-scorecard' && found.version) return found.version;
    } catch {
      // One of the two places holds it.
    }
  }
  return '0.0.0';
}

export const VERSION = read();
