/** Reports compile without Node's types: this is all that one library's loader (src/junit-report-builder.ts) needs of them. */
declare module 'node:module' {
  export function createRequire(from: string): (name: string) => unknown;
}
interface ImportMeta {
  readonly url: string;
}
