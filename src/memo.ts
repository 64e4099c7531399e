/**
 * Answers of pure functions, remembered: the hosts of a fleet share most of their files to the letter, and one host's
 * evidence is asked for the same thing by several facts. What is remembered changes no answer, only how soon it comes:
 * the key holds everything the function reads, whole, not a hash of it. Answers are shared, so nobody may change them.
 */

/** Characters of keys remembered, in each of two halves. */
const REMEMBERED = 512 * 1024;

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
  const remembered = halves<R>(most);
  return (...args) => {
    const text = key(...args);
    return remembered(
      text,
      () => make(...args),
      () => text.length,
    );
  };
}

/**
 * Remembers by the object itself, for as long as it is asked for again soon: for answers that are larger than what they
 * are made of.
 *
 * @param sizeOf characters of an answer
 */
export function rememberedLately<K extends object, R>(
  make: (from: K) => R,
  sizeOf: (answer: R) => number,
  most: number = REMEMBERED,
): (from: K) => R {
  const remembered = halves<R>(most);
  return (from) => remembered(from, () => make(from), sizeOf);
}

/** What was asked for lately, and what was before: the older half is forgotten when the newer one is full. */
function halves<R>(most: number): (key: unknown, make: () => R, sizeOf: (answer: R) => number) => R {
  let recent = new Map<unknown, { readonly answer: R }>();
  let earlier = new Map<unknown, { readonly answer: R }>();
  let size = 0;
  return (key, make, sizeOf) => {
    const fresh = recent.get(key);
    if (fresh) return fresh.answer;
    const found = earlier.get(key) ?? { answer: make() };
    const more = sizeOf(found.answer);
    size += more;
    if (size > most) {
      earlier = recent;
      recent = new Map();
      size = more;
    }
    recent.set(key, found);
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
