/**
 * Answers of pure functions, remembered: the hosts of a fleet share most of their files to the letter, and one host's
 * evidence is asked for the same thing by several facts. What is remembered changes no answer, only how soon it comes:
 * the key holds everything the function reads, whole, not a hash of it. Answers are shared, so nobody may change them.
 */

/** Characters of keys remembered, in each of two halves. */
const REMEMBERED = 1024 * 1024;

/**
 * Remembers by text. Bounded: when `most` characters of keys are exceeded, the half that was not asked for lately is
 * forgotten, so a host that makes everything up costs its own parsing and nothing else.
 *
 * @param key must tell apart whatever `make` could tell apart
 */
export function rememberedByText<A extends readonly unknown[], R>(
  make: (...args: A) => R,
  key: (...args: A) => string,
  most: number = REMEMBERED,
): (...args: A) => R {
  let recent = new Map<string, { readonly answer: R }>();
  let earlier = new Map<string, { readonly answer: R }>();
  let size = 0;
  return (...args) => {
    const text = key(...args);
    const fresh = recent.get(text);
    if (fresh) return fresh.answer;
    const found = earlier.get(text) ?? { answer: make(...args) };
    size += text.length;
    if (size > most) {
      earlier = recent;
      recent = new Map();
      size = text.length;
    }
    recent.set(text, found);
    return found.answer;
  };
}

/** Remembers by the object itself, as long as it lives. */
export function rememberedByObject<K extends object, R>(make: (from: K) => R): (from: K) => R {
  const known = new WeakMap<K, { readonly answer: R }>();
  return (from) => {
    const found = known.get(from) ?? { answer: make(from) };
    known.set(from, found);
    return found.answer;
  };
}
