/**
 * Files that come with the program. The only module that may say where they are: built, all modules share a few files in
 * dist/src, and the assets lie there as they do in src.
 */
import { fileURLToPath } from 'node:url';

/** @param name relative to this folder */
export function assetPath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A file of the package itself; from the sources one level up, built two. Nearest first. */
export function packagePaths(name: string): readonly string[] {
  return [assetPath(`../${name}`), assetPath(`../../${name}`)];
}
