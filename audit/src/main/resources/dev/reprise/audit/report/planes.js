'use strict';
// Planes of noises: the colour of a point says which of three images its image is, and pointing at it shows the image.
const HUES = [[122, 92, 230], [224, 122, 62], [32, 160, 133]];

document.querySelectorAll('[data-planes]').forEach(group => {
  const points = page.experiments[Number(group.dataset.planes)].points, maps = [...group.querySelectorAll('canvas[data-plane]')];
  const words = new Map(maps.map(m => [m.dataset.plane, group.querySelector(`[data-words="${m.dataset.plane}"]`).textContent]));
  let at = [Math.floor(points / 2), Math.floor(points / 2)];

  function colour(id, i) {
    const three = values(id + '.similarity').subarray(3 * i, 3 * i + 3), best = three.indexOf(Math.max(...three));
    return {best: three[best] > Math.fround(threshold()) ? best : -1, similarity: three[best]};
  }
  function paint(map) {
    const context = map.getContext('2d'), image = context.createImageData(points, points);
    for (let i = 0; i < points * points; i++) {
      const {best, similarity} = colour(map.dataset.plane, i);
      const hue = best < 0 ? [128, 124, 138] : HUES[best], strong = best < 0 ? 40 : 90 + 165 * Math.min(1, Math.max(0, (similarity - threshold()) / (1 - threshold())));
      image.data.set([...hue, strong], 4 * i);
    }
    context.putImageData(image, 0, 0);
  }
  function show(live) {
    const i = at[1] * points + at[0];
    maps.forEach(map => {
      const id = map.dataset.plane, target = group.querySelector(`[data-image="${id}"]`), {best, similarity} = colour(id, i);
      const s = sheet(id);
      draw(target, id, i);
      target.parentElement.classList.toggle('live', live);
      map.style.setProperty('--x', (at[0] + 0.5) / points);
      map.style.setProperty('--y', (at[1] + 0.5) / points);
      group.querySelector(`[data-words="${id}"]`).textContent = live
        ? `point ${at[0]}, ${at[1]}: ${best < 0 ? 'none of the three images' : 'image ' + (best + 1)}, similarity ${similarity.toFixed(2)}` : words.get(id);
      let cross = map.parentElement.querySelector('.cross');
      if (!cross) map.insertAdjacentElement('afterend', cross = element('span', {className: 'cross'}));
      cross.hidden = !live;
      cross.style.left = 100 * (at[0] + 0.5) / points + '%';
      cross.style.top = 100 * (at[1] + 0.5) / points + '%';
    });
  }
  maps.forEach(map => {
    const move = e => {
      const box = map.getBoundingClientRect();
      at = [e.clientX - box.left, e.clientY - box.top].map((v, k) => Math.min(points - 1, Math.max(0, Math.floor(v / (k ? box.height : box.width) * points))));
      show(true);
    };
    map.addEventListener('pointermove', move);
    map.addEventListener('pointerdown', move);
    map.addEventListener('focus', () => show(true));
    map.addEventListener('blur', () => show(false));
    map.addEventListener('pointerleave', () => { if (document.activeElement !== map) show(false); });
    map.addEventListener('keydown', e => {
      const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[e.key];
      if (!step) return;
      e.preventDefault();
      at = at.map((v, k) => Math.min(points - 1, Math.max(0, v + step[k])));
      show(true);
    });
    paint(map);
  });
  document.addEventListener('thresholds', () => maps.forEach(paint));
  show(false);
});
