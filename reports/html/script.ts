/**
 * The page's only script: it narrows the heat map and the host sections, unfolds what a link points into, and
 * unfolds hosts for print. Reading needs none of it. It writes text only by textContent, and its SHA-256 is in
 * the page's policy (hashes.ts), so that no other script can run.
 */
export const SCRIPT = `(() => {
  'use strict';
  const byId = (id) => document.getElementById(id);
  const form = byId('filter');
  const items = Array.from(document.querySelectorAll('[data-h]'));
  const sections = items.filter((item) => item.localName === 'details');
  const inputs = ['f-text', 'f-check', 'f-status', 'f-env'].map(byId);

  let texts = null;
  const textOf = (id) => {
    if (texts === null) {
      texts = new Map();
      for (const item of items) {
        const known = texts.get(item.dataset.h) || '';
        texts.set(item.dataset.h, known + ' ' + item.textContent.toLowerCase());
      }
    }
    return texts.get(id);
  };

  const apply = () => {
    const [text, check, status, environment] = inputs.map((input) => input.value);
    const words = text.toLowerCase().split(/\\s+/).filter(Boolean);
    const shown = new Set();
    const all = new Set();
    for (const item of items) {
      const { h, s, e } = item.dataset;
      all.add(h);
      const letters = check === '' ? s : s.charAt(Number(check));
      const fits =
        (status === '' || letters.includes(status)) &&
        (environment === '' || environment.slice(1) === e) &&
        words.every((word) => textOf(h).includes(word));
      item.hidden = !fits;
      if (fits) shown.add(h);
    }
    const narrowed = text + check + status + environment !== '';
    byId('f-count').textContent = narrowed
      ? shown.size + ' of ' + all.size + ' hosts on this page match'
      : all.size + ' hosts on this page';
  };

  const unfold = () => {
    let id = '';
    try {
      id = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const target = id === '' ? null : byId(id);
    if (target === null) return;
    for (let at = target; at !== null; at = at.parentElement) {
      if (at.localName === 'details') at.open = true;
      if (at.hidden && at !== form) at.hidden = false;
    }
    target.scrollIntoView();
  };

  let folded = [];
  addEventListener('beforeprint', () => {
    folded = Array.from(document.querySelectorAll('details:not([open])'));
    for (const one of folded) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of folded) one.open = false;
    folded = [];
  });

  let waiting = 0;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  });
  form.addEventListener('reset', () => setTimeout(apply, 0));
  form.addEventListener('submit', (event) => event.preventDefault());
  const button = byId('f-open');
  button.addEventListener('click', () => {
    const open = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(open));
    for (const section of sections) if (!section.hidden) section.open = open;
  });
  addEventListener('hashchange', unfold);
  form.hidden = false;
  apply();
  unfold();
})();
`;
