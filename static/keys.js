// The keyboard: shortcuts, the palette, and the rows of the stream that they work on. Every page works without this file.
const $ = (s, r = document) => r.querySelector(s);
const $$ = (s, r = document) => [...r.querySelectorAll(s)];

/* the stream: which rows are ticked, and the one that the keyboard is at */
const rows = $$('.stream tbody tr');
const bulk = $('.bulk');
const pick = i => $('.pick', rows[i]);
let cur = -1, last = -1;
function sync() {
  const n = $$('.pick:checked').length;
  if (bulk) $('[data-n]', bulk).textContent = bulk.dataset.chosen.replace('{0}', n);
  const all = $('.pick-all');
  all.hidden = false; all.checked = n === rows.length; all.indeterminate = n > 0 && n < rows.length;
}
function move(d) {
  rows[cur]?.classList.remove('cur');
  cur = Math.min(rows.length - 1, Math.max(0, cur + d));
  rows[cur].classList.add('cur');
  rows[cur].scrollIntoView({ block: 'nearest' });
  $('.ttl', rows[cur]).focus({ preventScroll: true });
}
/* from the row that was ticked last to this one */
function range() {
  const from = last < 0 ? cur : last;
  for (let i = Math.min(from, cur); i <= Math.max(from, cur); i++) pick(i).checked = true;
  last = cur;
  sync();
}
if (rows.length) {
  document.addEventListener('change', ev => {
    if (ev.target.matches('.pick-all')) $$('.pick').forEach(p => { p.checked = ev.target.checked; });
    if (ev.target.matches('.pick, .pick-all')) sync();
  });
  sync();
}

/* what a key presses: data-key="e", or "h p" for one that has two */
function press(key) {
  const b = $$('[data-key]').find(e => e.dataset.key.split(' ').includes(key));
  if (!b) return false;
  if (b.closest('.bulk') && !$('.pick:checked')) {
    if (!rows[cur]) return false;
    pick(cur).click();
  }
  b.click();
  if (b.matches('summary')) $('.menu-item', b.parentElement)?.focus();
  return true;
}

/* ctrl+k: whatever can be reached from here by name; else the words are searched for */
const palette = $('#palette');
const list = $('ul', palette);
let found = [], at = 0;
function name(e) {
  const copy = e.cloneNode(true);
  $$('.count, .n, kbd, small', copy).forEach(n => n.remove());
  return (e.getAttribute('aria-label') ?? copy.textContent).replace(/\s+/g, ' ').trim();
}
function mark(i) {
  at = Math.max(0, Math.min(found.length - 1, i));
  [...list.children].forEach((o, k) => o.setAttribute('aria-selected', k === at));
  $('input', palette).setAttribute('aria-activedescendant', found.length ? `go-${at}` : '');
  list.children[at]?.scrollIntoView({ block: 'nearest' });
}
function look() {
  const words = $('input', palette).value.toLowerCase();
  found = $$('.side-nav a, .side a.menu-item, .top-tabs a, .top-actions a, [data-key]').filter(e => name(e).toLowerCase().includes(words)).slice(0, 12);
  list.replaceChildren(...found.map((e, i) => {
    const o = document.createElement('li');
    o.id = `go-${i}`; o.role = 'option'; o.textContent = name(e);
    return o;
  }));
  mark(0);
}
function take(i) {
  const words = $('input', palette).value.trim(), find = $('.side-find');
  palette.close();
  if (found[i]) { if (found[i].dataset.key) press(found[i].dataset.key.split(' ')[0]); else found[i].click(); }
  else if (words && find) location.href = `${find.pathname}?q=${encodeURIComponent(words)}`;
}
$('input', palette).addEventListener('input', look);
$('form', palette).addEventListener('submit', ev => { ev.preventDefault(); take(at); });
palette.addEventListener('keydown', ev => {
  const d = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
  if (d) { ev.preventDefault(); mark(at + d); }
});
list.addEventListener('click', ev => { const o = ev.target.closest('li'); if (o) take([...list.children].indexOf(o)); });

let went = -1e4; /* when g was pressed: the next key says where to */
document.addEventListener('keydown', ev => {
  /* on a keyboard of other letters, what stands in that place */
  const key = ev.key > '~' && /^Key/.test(ev.code) ? ev.code[3].toLowerCase() : ev.key;
  if ((ev.ctrlKey || ev.metaKey) && key === 'k' && !palette.open) {
    ev.preventDefault();
    palette.showModal(); $('input', palette).select(); look();
    return;
  }
  if (ev.ctrlKey || ev.metaKey || ev.altKey || ev.target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]')
    || $('dialog[open], details.menu[open]')) return;
  const link = ev.timeStamp - went < 2000 && $(`[data-go="${CSS.escape(key)}"]`);
  went = -1e4;
  if (link) { ev.preventDefault(); link.click(); return; }
  const act = {
    g: () => { went = ev.timeStamp; return true; },
    '/': () => { const q = $('.query input:not([type=hidden])') ?? $('.side-find'); q?.focus(); if (q?.href) q.click(); return !!q; },
    '?': () => { $('#kbd').togglePopover(); return true; },
    r: () => { location.reload(); return true; },
    j: () => rows.length && (move(1), true),
    k: () => rows.length && (move(-1), true),
    o: () => rows[cur] && ($('.ttl', rows[cur]).click(), true),
    x: () => rows[cur] && (pick(cur).click(), last = cur, true),
    X: () => rows[cur] && (range(), true),
  }[key] ?? (() => press(key));
  if (act()) ev.preventDefault();
});
if (location.hash === '#q') $('#q')?.focus();
