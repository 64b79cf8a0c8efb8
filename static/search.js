// Suggestions under the search box: a combobox whose list the server makes. Without this file the box is a plain input.
const box = document.querySelector('.query[data-suggest]');
const input = box?.querySelector('#q');
if (input) {
  const list = document.createElement('ul');
  list.id = 'q-list'; list.role = 'listbox'; list.className = 'suggest'; list.hidden = true;
  list.ariaLabel = input.ariaLabel;
  box.append(list);
  for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-controls', list.id], ['aria-expanded', 'false']]) input.setAttribute(name, value);

  let at = -1, asked, timer;
  /* the term that the caret stands in: quotes may hold spaces */
  const term = () => input.value.slice(0, input.selectionStart).match(/(?:[^\s"]|"(?:[^"\\]|\\.)*"?)*$/)[0];
  const options = () => [...list.children];

  function close() {
    clearTimeout(timer); asked?.abort();
    list.hidden = true; at = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function mark(i) {
    const all = options();
    at = (i + all.length + 1) % (all.length + 1);
    all.forEach((o, k) => o.setAttribute('aria-selected', k === at));
    if (all[at]) { input.setAttribute('aria-activedescendant', all[at].id); all[at].scrollIntoView({ block: 'nearest' }); }
    else input.removeAttribute('aria-activedescendant');
  }

  function take(o) {
    const end = input.selectionStart, start = end - term().length;
    const text = o.dataset.text + (/[:]$/.test(o.dataset.text) ? '' : ' ');
    input.setRangeText(text, start, end, 'end');
    input.focus();
    if (text.endsWith(':')) ask(); else close();
  }

  function show(found) {
    list.replaceChildren(...found.map((f, i) => {
      const o = document.createElement('li');
      o.id = `q-${i}`; o.role = 'option'; o.dataset.text = f.text;
      const text = document.createElement('code'), words = document.createElement('small');
      text.textContent = f.text; words.textContent = f.words;
      o.append(text, words);
      return o;
    }));
    at = -1;
    list.hidden = !found.length;
    input.setAttribute('aria-expanded', String(found.length > 0));
    input.removeAttribute('aria-activedescendant');
  }

  async function ask() {
    clearTimeout(timer); asked?.abort();
    const mine = asked = new AbortController();
    const typed = term();
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: mine.signal });
      const found = answer.ok ? await answer.json() : [];
      if (mine === asked && !mine.signal.aborted) show(found.filter(f => f.text !== typed));
    } catch { /* typed on, or away: the box works without */ }
  }

  input.addEventListener('input', () => { clearTimeout(timer); if (term()) timer = setTimeout(ask, 120); else close(); });
  input.addEventListener('blur', close);
  list.addEventListener('pointerdown', ev => { ev.preventDefault(); const o = ev.target.closest('li'); if (o) take(o); });
  input.addEventListener('keydown', ev => {
    if (ev.key === 'ArrowDown' && list.hidden) { ev.preventDefault(); ask(); return; }
    if (list.hidden) return;
    const act = {
      ArrowDown: () => mark(at + 1),
      ArrowUp: () => mark(at < 0 ? options().length - 1 : at - 1),
      Escape: close,
      Enter: at >= 0 ? () => take(options()[at]) : null,
      Tab: at >= 0 ? () => take(options()[at]) : null,
    }[ev.key];
    if (act) { ev.preventDefault(); act(); }
  });
}
