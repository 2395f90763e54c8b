'use strict';
// The numbers behind the page, and what the thresholds make of them.
const page = JSON.parse(document.getElementById('data').textContent);
const bytesOf = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
const decoded = new Map();

/** The float32 values of a name, as Reprise computed them. */
function values(name) {
  if (!decoded.has(name)) decoded.set(name, page.values[name] ? new Float32Array(bytesOf(page.values[name]).buffer) : null);
  return decoded.get(name);
}

const count = (v, test) => { let n = 0; for (const x of v) if (test(x)) n++; return n; };
// Comparisons are strict and in float32, as in Reprise.
const above = (v, t) => { const f = Math.fround(t); return count(v, x => x > f); };
const below = (v, t) => count(v, x => x < t);

/** Two digits, as the paper prints scores; 1 and 0 only where they are exact. */
function share(v) {
  if (v === 0 || v === 1) return String(v);
  return Math.min(0.99, Math.max(0.01, v)).toFixed(2).substring(1);
}

/** Wilson's 95 % interval. */
function interval(hits, n) {
  const z = 1.959963984540054, p = hits / n, z2 = z * z / n, middle = (p + z2 / 2) / (1 + z2);
  const half = z * Math.sqrt(p * (1 - p) / n + z2 / (4 * n)) / (1 + z2);
  return [hits === 0 ? 0 : Math.max(0, middle - half), hits === n ? 1 : Math.min(1, middle + half)];
}

const label = id => page.sources[id].label;
const pairName = name => page.pairs[name].map(label).join(' and ');
const strength = v => v >= 0.72 ? 'strong' : v >= 0.5 ? 'mid' : 'weak';
const slider = document.getElementById('threshold'), maeSlider = document.getElementById('mae');
const threshold = () => Number(slider.value), maeThreshold = () => Number(maeSlider.value);
/** Of the section that an element is in, which may have one of its own until the slider is moved. */
const thresholdAt = e => {
  const section = e.closest('[data-threshold]');
  return section && threshold() === page.threshold ? Number(section.dataset.threshold) : threshold();
};

const end = v => v.toFixed(2).replace(/^0\./, '.');

/** Writes a recomputed share where the old one stood. */
function put(element, hits, n, words) {
  const v = hits / n, [low, high] = interval(hits, n), cell = element.closest('td.cell'), within = element.parentElement.querySelector('.within');
  element.textContent = share(v);
  if (within) within.textContent = `[${end(low)}, ${end(high)}]`;
  if (words) element.dataset.tip = `${words}: ${hits} of ${n} noises, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`;
  if (!cell) return;
  cell.style.setProperty('--v', v.toFixed(4));
  cell.className = 'cell ' + strength(v);
}

function scores() {
  const m = maeThreshold();
  document.querySelectorAll('[data-rp]').forEach(e => {
    const v = values(e.dataset.rp + '.similarity');
    put(e, above(v, thresholdAt(e)), v.length, e.dataset.tip && pairName(e.dataset.rp));
  });
  document.querySelectorAll('[data-mae]').forEach(e => {
    const v = values(e.dataset.mae + '.distance');
    put(e, below(v, m), v.length, e.dataset.tip && pairName(e.dataset.mae));
  });
  document.querySelectorAll('[data-share]').forEach(e => { const v = values(e.dataset.share + '.similarity'); put(e, above(v, thresholdAt(e)), v.length); });
  document.querySelectorAll('[data-gl]').forEach(e => { const v = values(e.dataset.gl + '.nearest'); put(e, v.length - above(v, thresholdAt(e)), v.length); });
  document.querySelectorAll('[data-bar]').forEach(svg => {
    const v = values(svg.dataset.bar + '.nearest'), hits = v.length - above(v, thresholdAt(svg)), [low, high] = interval(hits, v.length);
    svg.querySelector('.fill').setAttribute('width', 300 * hits / v.length);
    const lines = svg.querySelectorAll('.interval');
    [[low, high], [low, low], [high, high]].forEach(([a, b], i) => { lines[i].setAttribute('x1', 300 * a); lines[i].setAttribute('x2', 300 * b); });
  });
  document.querySelectorAll('svg.curves').forEach(curves);
  document.querySelectorAll('svg.histogram').forEach(svg => mark(svg, thresholdAt(svg)));
  document.dispatchEvent(new CustomEvent('thresholds'));
}

/** Moves the points of a chart that were counted with a threshold; shares go from 0 to 1 there. */
function curves(svg) {
  const top = Number(svg.dataset.top), height = Number(svg.dataset.height), y = v => (top + height * (1 - v)).toFixed(2);
  svg.querySelectorAll('g.line').forEach(line => {
    const points = [...line.querySelectorAll('circle[data-counted]')], whiskers = line.querySelectorAll('.whisker');
    if (!points.length) return;
    points.forEach((p, i) => {
      const v = values(p.dataset.counted), n = v.length, t = above(v, thresholdAt(svg)), hits = p.dataset.counted.endsWith('.nearest') ? n - t : t, [low, high] = interval(hits, n);
      p.setAttribute('cy', y(hits / n));
      whiskers[i].setAttribute('y1', y(low));
      whiskers[i].setAttribute('y2', y(high));
      p.dataset.tip = `${p.dataset.words}: ${share(hits / n)}, ${hits} of ${n}, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`;
      p.setAttribute('aria-label', p.dataset.tip);
    });
    line.querySelector('.curve').setAttribute('d', points.map((p, i) => `${i ? 'L' : 'M'}${p.getAttribute('cx')} ${p.getAttribute('cy')}`).join(''));
  });
}

/** Moves the line of a histogram. */
function mark(svg, t) {
  const x = 200 * Math.min(1, Math.max(0, t)), line = svg.querySelector('.mark'), text = svg.querySelector('.at');
  line.setAttribute('x1', x);
  line.setAttribute('x2', x);
  text.setAttribute('x', Math.min(185, Math.max(15, x)));
  text.textContent = t.toFixed(2);
  svg.querySelectorAll('rect').forEach(r => r.classList.toggle('above', Number(r.dataset.at) > t));
}

let due = false;
function changed() {
  document.querySelector('output[for=threshold]').textContent = threshold().toFixed(2);
  document.querySelector('output[for=mae]').textContent = maeThreshold().toFixed(1);
  document.getElementById('reset').disabled = threshold() === page.threshold && maeThreshold() === page.maeThreshold;
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; scores(); });
}
[slider, maeSlider].forEach(s => s.addEventListener('input', changed));
document.getElementById('reset').addEventListener('click', () => {
  slider.value = page.threshold;
  maeSlider.value = page.maeThreshold;
  changed();
});
document.getElementById('controls').hidden = false;
document.getElementById('reset').disabled = true;

// --- light, dark, or as the system is ------------------------------------------------------------------------------
const theme = document.getElementById('theme'), themes = ['light dark', 'light', 'dark'], names = ['automatic', 'light', 'dark'];
let chosen = 0;
function dress() {
  document.documentElement.style.colorScheme = themes[chosen];
  theme.textContent = 'colours: ' + names[chosen];
  document.dispatchEvent(new CustomEvent('colours'));
}
theme.addEventListener('click', () => { chosen = (chosen + 1) % 3; dress(); });
theme.hidden = false;
dress();

// --- a word on what the pointer or the keyboard is at ---------------------------------------------------------------
const tip = document.getElementById('tip');
function say(element) {
  tip.textContent = element.dataset.tip;
  tip.hidden = false;
  const at = element.getBoundingClientRect(), size = tip.getBoundingClientRect();
  tip.style.left = Math.max(8, Math.min(innerWidth - size.width - 8, at.left + at.width / 2 - size.width / 2)) + 'px';
  tip.style.top = (at.top - size.height - 8 < 4 ? at.bottom + 8 : at.top - size.height - 8) + 'px';
}
for (const [on, off] of [['mouseover', 'mouseout'], ['focusin', 'focusout']]) {
  document.addEventListener(on, e => { const t = e.target.closest && e.target.closest('[data-tip]'); if (t) say(t); });
  document.addEventListener(off, () => { tip.hidden = true; });
}
addEventListener('scroll', () => { tip.hidden = true; }, {passive: true});
addEventListener('keydown', e => { if (e.key === 'Escape') tip.hidden = true; });
