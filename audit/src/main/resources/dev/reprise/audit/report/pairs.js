'use strict';
// The pairs of images behind a score.
const sheets = new Map();

/** The pictures of a source as one canvas, decoded once: {count, width, height, canvas, columns}. */
function sheet(id) {
  if (sheets.has(id)) return sheets.get(id);
  const entry = page.images[id];
  if (!entry) return null;
  const [n, w, h, text] = entry, rgb = bytesOf(text), columns = Math.ceil(Math.sqrt(n));
  const canvas = document.createElement('canvas');
  canvas.width = columns * w;
  canvas.height = Math.ceil(n / columns) * h;
  const context = canvas.getContext('2d'), whole = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < n; i++) {
    const left = i % columns * w, top = Math.floor(i / columns) * h;
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        const from = 3 * ((i * h + y) * w + x), to = 4 * ((top + y) * canvas.width + left + x);
        whole.data[to] = rgb[from];
        whole.data[to + 1] = rgb[from + 1];
        whole.data[to + 2] = rgb[from + 2];
        whole.data[to + 3] = 255;
      }
  }
  context.putImageData(whole, 0, 0);
  const s = {count: n, width: w, height: h, canvas, columns};
  sheets.set(id, s);
  return s;
}

/** Draws picture i of a source into a canvas. */
function draw(canvas, id, i) {
  const s = sheet(id);
  canvas.width = s.width;
  canvas.height = s.height;
  canvas.getContext('2d').drawImage(s.canvas, i % s.columns * s.width, Math.floor(i / s.columns) * s.height, s.width, s.height, 0, 0, s.width, s.height);
}

function element(tag, properties = {}, ...children) {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children);
  return e;
}

const dialog = document.getElementById('pairs'), PAGE = 60;
const ORDERS = {
  'most alike first': (s, t) => (a, b) => s[b] - s[a] || a - b,
  'least alike first': (s, t) => (a, b) => s[a] - s[b] || a - b,
  'nearest to the threshold': (s, t) => (a, b) => Math.abs(s[a] - t) - Math.abs(s[b] - t) || a - b,
  'by noise': () => (a, b) => a - b,
};

/** A histogram with 40 bins from 0 to 1, as markup. */
function histogram(v, t) {
  const bins = new Array(40).fill(0);
  for (const x of v) bins[Math.min(39, Math.max(0, Math.floor(x * 40)))]++;
  const most = Math.max(...bins);
  const bars = bins.map((n, i) => n ? `<rect class="bar${(i + .5) / 40 > t ? ' above' : ''}" data-at="${(i + .5) / 40}" x="${i * 5 + .4}" width="4.2" y="${40 - 40 * n / most}" height="${40 * n / most}"></rect>` : '').join('');
  return `<svg class="histogram" viewBox="0 0 200 54" role="img" aria-label="histogram of similarities">${bars}<line class="axis" x1="0" y1="40" x2="200" y2="40"></line>`
    + `<line class="mark" x1="0" y1="0" x2="0" y2="40"></line><text class="tick" x="0" y="51">0</text><text class="tick" x="200" y="51" text-anchor="end">1</text><text class="tick at" y="51" text-anchor="middle"></text></svg>`;
}

/** @param first threshold that the count begins with */
function open(name, first) {
  const [a, b] = page.pairs[name], s = values(name + '.similarity'), d = values(name + '.distance');
  const known = Math.min(sheet(a) ? sheet(a).count : 0, sheet(b) ? sheet(b).count : 0, s.length);
  const list = element('ol', {className: 'list'}), order = element('select', {id: 'order'}), more = element('button', {type: 'button', className: 'quiet', textContent: 'more'});
  for (const o of Object.keys(ORDERS)) order.append(element('option', {textContent: o}));
  const range = element('input', {type: 'range', id: 'pair-threshold', min: 0, max: 1, step: 0.01, value: first});
  const score = element('output', {id: 'pair-rp'}), close = element('button', {type: 'button', className: 'quiet close', textContent: 'close'});
  range.setAttribute('aria-label', 'similarity threshold');
  const chart = element('div', {className: 'chart'});
  chart.innerHTML = histogram(s, first);
  let shown = 0, sorted = [];

  function row(i) {
    const item = element('li'), left = element('canvas'), right = element('canvas');
    draw(left, a, i);
    draw(right, b, i);
    const noises = page.sources[a].noises.match(/^seeds (\d+)/), name = noises ? 'seed ' + (Number(noises[1]) + i) : 'point ' + i;
    left.setAttribute('role', 'img');
    left.setAttribute('aria-label', label(a) + ', ' + name);
    right.setAttribute('role', 'img');
    right.setAttribute('aria-label', label(b) + ', ' + name);
    item.append(left, right, element('span', {className: 'similarity', textContent: s[i].toFixed(3)}), element('small', {textContent: `${name}, ${d[i].toFixed(1)} apart`}));
    item.dataset.similarity = s[i];
    return item;
  }
  function paint() {
    item().forEach(li => li.classList.toggle('same', Number(li.dataset.similarity) > Math.fround(Number(range.value))));
  }
  const item = () => list.querySelectorAll('li');
  function next() {
    sorted.slice(shown, shown + PAGE).forEach(i => list.append(row(i)));
    shown = Math.min(sorted.length, shown + PAGE);
    more.hidden = shown >= sorted.length;
    paint();
  }
  function sort() {
    sorted = Array.from({length: known}, (_, i) => i).sort(ORDERS[order.value](s, Number(range.value)));
    list.replaceChildren();
    shown = 0;
    next();
  }
  function count() {
    const t = Number(range.value), hits = above(s, t), [low, high] = interval(hits, s.length);
    score.textContent = `RP ${share(hits / s.length)}`;
    score.dataset.value = (hits / s.length).toFixed(4);
    words.textContent = ` above ${t.toFixed(2)}: ${hits} of ${s.length} noises, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`;
    mark(chart.querySelector('svg'), t);
    paint();
  }
  const words = element('span');
  order.addEventListener('change', sort);
  more.addEventListener('click', next);
  range.addEventListener('input', () => {
    count();
    if (order.value === 'nearest to the threshold') sort();
  });
  close.addEventListener('click', () => dialog.close());
  dialog.replaceChildren(
    element('header', {}, element('h2', {id: 'pairs-title', textContent: pairName(name)}), close),
    element('div', {className: 'summary'}, element('div', {}, chart, range), element('p', {}, score, words)),
    element('p', {className: 'tools'}, element('label', {htmlFor: 'order', textContent: 'Pairs, '}), order,
      known < s.length ? ` (images of the first ${known} of ${s.length} noises are in this file)` : ''),
    list, more);
  sort();
  count();
  dialog.showModal();
  close.focus();
}

document.addEventListener('click', e => {
  const opener = e.target.closest('[data-open]');
  if (opener) open(opener.dataset.open, thresholdAt(opener));
  else if (e.target === dialog) dialog.close();
});
document.addEventListener('keydown', e => {
  if ((e.key === 'Enter' || e.key === ' ') && e.target.matches('circle[data-open]')) {
    e.preventDefault();
    open(e.target.dataset.open, thresholdAt(e.target));
  }
});
// Arrow keys walk a matrix.
document.querySelectorAll('table.heat').forEach(table => table.addEventListener('keydown', e => {
  const step = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[e.key], cell = e.target.closest('td');
  if (!step || !cell) return;
  e.preventDefault();
  const rows = table.tBodies[0].rows;
  let y = cell.parentElement.sectionRowIndex, x = cell.cellIndex, button = null;
  do {
    y += step[0];
    x += step[1];
    button = rows[y] && rows[y].cells[x] && rows[y].cells[x].querySelector('button');
  } while (!button && rows[y] && x > 0 && x < rows[y].cells.length);
  if (button) button.focus();
}));
