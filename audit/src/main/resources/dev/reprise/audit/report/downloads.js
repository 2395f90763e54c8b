'use strict';
// Files made of what is in the page.
function save(name, parts, type) {
  const url = URL.createObjectURL(new Blob(parts, {type})), a = element('a', {href: url, download: name});
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
const slug = text => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');

/** Every pair, with the thresholds as they stand. */
function csv() {
  const quoted = v => /[",\n]/.test(v) ? '"' + v.replaceAll('"', '""') + '"' : v;
  const rows = [['a', 'b', 'noises', 'threshold', 'rp', 'rp_low', 'rp_high', 'mae_threshold', 'mae_score', 'mean_similarity']];
  for (const [name, [a, b]] of Object.entries(page.pairs)) {
    const s = values(name + '.similarity'), d = values(name + '.distance'), hits = above(s, threshold());
    rows.push([label(a), label(b), s.length, threshold(), hits / s.length, ...interval(hits, s.length), maeThreshold(), below(d, maeThreshold()) / d.length,
      s.reduce((x, y) => x + y, 0) / s.length]);
  }
  return rows.map(r => r.map(v => quoted(String(v))).join(',')).join('\n') + '\n';
}

const CRC = Uint32Array.from({length: 256}, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1; return n; });
function crc(bytes) {
  let c = 0xffffffff;
  for (const b of bytes) c = CRC[(c ^ b) & 255] ^ c >>> 8;
  return (c ^ 0xffffffff) >>> 0;
}

/** A float32 vector in NumPy's format. */
function npy(v) {
  let header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${v.length},), }`;
  header += ' '.repeat(63 - (10 + header.length) % 64) + '\n';
  const out = new Uint8Array(10 + header.length + 4 * v.length);
  out.set([0x93, ...'NUMPY'].map(c => typeof c === 'string' ? c.charCodeAt(0) : c));
  out.set([1, 0, header.length & 255, header.length >> 8], 6);
  out.set(new TextEncoder().encode(header), 10);
  out.set(new Uint8Array(v.buffer, v.byteOffset, 4 * v.length), 10 + header.length);
  return out;
}

/** A zip file of stored entries. */
function zip(files) {
  const parts = [], directory = [], text = new TextEncoder();
  let at = 0, listed = 0;
  const numbers = (...fields) => {
    const b = new Uint8Array(fields.reduce((n, [size]) => n + size, 0)), view = new DataView(b.buffer);
    let o = 0;
    for (const [size, v] of fields) { size === 2 ? view.setUint16(o, v, true) : view.setUint32(o, v, true); o += size; }
    return b;
  };
  for (const [name, bytes] of files) {
    const n = text.encode(name), sum = crc(bytes), common = [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, 33], [4, sum], [4, bytes.length], [4, bytes.length], [2, n.length], [2, 0]];
    parts.push(numbers([4, 0x04034b50], ...common), n, bytes);
    const entry = numbers([4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]);
    directory.push(entry, n);
    at += 30 + n.length + bytes.length;
    listed += 46 + n.length;
  }
  return [...parts, ...directory, numbers([4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, listed], [4, at], [2, 0])];
}

/** A matrix as a drawing for a paper, black on white. */
function matrixSvg(table) {
  const rows = [...table.tBodies[0].rows], heads = [...table.tHead.rows[0].cells].slice(1).map(c => c.textContent.trim()), size = 46, left = 150, top = 110;
  const escape = s => s.replace(/[&<>"]/g, c => ({'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'})[c]);
  let body = '';
  heads.forEach((h, i) => { body += `<text transform="translate(${left + (i + .5) * size} ${top - 8}) rotate(-45)">${escape(h)}</text>`; });
  rows.forEach((r, y) => {
    body += `<text x="${left - 8}" y="${top + (y + .5) * size + 4}" text-anchor="end">${escape(r.cells[0].textContent.trim())}</text>`;
    [...r.cells].slice(1).forEach((c, x) => {
      const text = c.textContent.trim(), v = c.classList.contains('self') ? 1 : Number(getComputedStyle(c).getPropertyValue('--v') || 0);
      body += `<rect x="${left + x * size}" y="${top + y * size}" width="${size - 2}" height="${size - 2}" fill="rgb(${[74, 47, 179].map(k => Math.round(255 + (k - 255) * (0.04 + 0.92 * v))).join(',')})"/>`
        + `<text x="${left + (x + .5) * size - 1}" y="${top + (y + .5) * size + 4}" text-anchor="middle" fill="${v > 0.5 ? '#fff' : '#111'}">${escape(text)}</text>`;
    });
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + heads.length * size + 60}" height="${top + rows.length * size + 10}" font-family="Helvetica, Arial, sans-serif" font-size="13"><rect width="100%" height="100%" fill="#fff"/>${body}</svg>`;
}

/** A chart as it stands, with the colours of a light page written out, on white. */
function chartSvg(svg) {
  const copy = svg.cloneNode(true), box = svg.viewBox.baseVal, root = document.documentElement, scheme = root.style.colorScheme;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', box.width);
  copy.setAttribute('height', box.height);
  const from = [svg, ...svg.querySelectorAll('*')], to = [copy, ...copy.querySelectorAll('*')];
  root.style.colorScheme = 'light';
  from.forEach((e, i) => {
    const style = getComputedStyle(e);
    for (const p of ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'font-size', 'font-family', 'text-anchor']) to[i].style.setProperty(p, style.getPropertyValue(p));
    for (const a of ['tabindex', 'role', 'data-tip', 'data-open']) to[i].removeAttribute(a);
  });
  root.style.colorScheme = scheme;
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of [['width', '100%'], ['height', '100%'], ['fill', '#fff']]) paper.setAttribute(name, value);
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}

/** A drawing as pixels, three for one. */
function png(svg, name) {
  const image = new Image();
  image.onload = () => {
    const canvas = element('canvas', {width: 3 * image.width, height: 3 * image.height});
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(b => save(name, [b], 'image/png'));
  };
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(svg);
}

/** A plane of noises, eight pixels a point at least. */
function planePng(canvas, name) {
  const times = Math.max(1, Math.ceil(800 / canvas.width)), out = element('canvas', {width: times * canvas.width, height: times * canvas.height}), context = out.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, out.width, out.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, out.width, out.height);
  out.toBlob(b => save(name, [b], 'image/png'));
}

const files = document.getElementById('files'), figures = document.getElementById('figures'), taken = new Set();
function offer(parent, text, file, make) {
  const b = element('button', {type: 'button', className: 'quiet', textContent: text});
  b.dataset.file = file;
  b.addEventListener('click', () => make(file));
  parent.append(b);
}
offer(files, 'report.json', 'report.json', f => save(f, [JSON.stringify(page.report, null, 2)], 'application/json'));
offer(files, 'pairs.csv', 'pairs.csv', f => save(f, [csv()], 'text/csv'));
offer(files, 'similarities.npz', 'similarities.npz', f => save(f, zip(Object.keys(page.values).map(n => [n + '.npy', npy(values(n))])), 'application/zip'));
const certificate = document.getElementById('certificate-file');
if (certificate) offer(files, 'certificate.json', 'certificate.json', f => save(f, [JSON.stringify(JSON.parse(certificate.textContent), null, 2)], 'application/json'));
document.querySelectorAll('table.heat[data-name], svg.curves, canvas[data-plane]').forEach(e => {
  const section = e.closest('section').querySelector('h2').textContent, part = e.dataset.name || (e.dataset.plane && label(e.dataset.plane));
  let name = slug(section + ' ' + (part || ''));
  for (let n = 2; taken.has(name); n++) name = slug(section + ' ' + (part || '')) + '-' + n;
  taken.add(name);
  const row = element('li', {}, element('span', {textContent: section + (part ? ': ' + part : '')}));
  figures.append(row);
  if (e.dataset.plane) return offer(row, 'PNG', name + '.png', f => planePng(e, f));
  const svg = () => e.tagName === 'TABLE' ? matrixSvg(e) : chartSvg(e);
  offer(row, 'SVG', name + '.svg', f => save(f, [svg()], 'image/svg+xml'));
  offer(row, 'PNG', name + '.png', f => png(svg(), f));
});
