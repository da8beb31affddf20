// An incident's entities and which of them alerts name together.
import {h, svg} from './dom.mjs';
import {short, words} from './format.mjs';

const WIDTH = 1000;
const ROUNDS = 240;
const SHAPES = {device: 'D', user: 'U', process: 'P', session: 'S', file_hash: 'F',
  internal_ip: 'I', external_ip: 'X', domain: 'N', email: 'E'};
const NAMES = {device: 'device', user: 'user', process: 'process', session: 'session',
  file_hash: 'file', internal_ip: 'internal address', external_ip: 'external address',
  domain: 'domain', email: 'e-mail'};

// Edges {a, b, alerts}: an alert joins its device (or else its first entity) to its others.
function edgesOf(nodes, alerts) {
  const edges = new Map();
  for (const alert of alerts) {
    const places = alert.entities.filter((i) => nodes[i]);
    const centre = places.find((i) => nodes[i].type === 'device') ?? places[0];
    for (const other of places) {
      if (other === centre) continue;
      const key = Math.min(centre, other) + ':' + Math.max(centre, other);
      const edge = edges.get(key) ?? {a: Math.min(centre, other), b: Math.max(centre, other),
        alerts: 0};
      ++edge.alerts;
      edges.set(key, edge);
    }
  }
  return [...edges.values()];
}

// Places for nodes 0..n-1 within width and height: springs along edges, all push each other off.
// No chance in it: the same graph always looks the same.
function layout(n, edges, width, height) {
  const places = Array.from({length: n}, (_, i) => {
    const angle = i * 2.399963;  // the golden angle: a sunflower
    const radius = Math.sqrt((i + 0.5) / Math.max(n, 1));
    return {x: Math.cos(angle) * radius, y: Math.sin(angle) * radius};
  });
  const ideal = 1.6 / Math.sqrt(Math.max(n, 1));
  for (let round = 0; round < ROUNDS; ++round) {
    const heat = 0.12 * (1 - round / ROUNDS) + 0.002;
    const forces = places.map(() => ({x: 0, y: 0}));
    for (let i = 0; i < n; ++i) {
      for (let j = i + 1; j < n; ++j) {
        const dx = places[i].x - places[j].x;
        const dy = places[i].y - places[j].y;
        const square = Math.max(dx * dx + dy * dy, 1e-6);
        const push = ideal * ideal / square;
        forces[i].x += dx * push;
        forces[i].y += dy * push;
        forces[j].x -= dx * push;
        forces[j].y -= dy * push;
      }
    }
    for (const {a, b} of edges) {
      const dx = places[a].x - places[b].x;
      const dy = places[a].y - places[b].y;
      const pull = Math.sqrt(dx * dx + dy * dy) / ideal;
      forces[a].x -= dx * pull;
      forces[a].y -= dy * pull;
      forces[b].x += dx * pull;
      forces[b].y += dy * pull;
    }
    for (let i = 0; i < n; ++i) {
      // Islands stay in sight.
      forces[i].x -= places[i].x * 0.4;
      forces[i].y -= places[i].y * 0.7;
      const size = Math.hypot(forces[i].x, forces[i].y);
      if (size === 0) continue;
      const step = Math.min(size, heat) / size;
      places[i].x += forces[i].x * step;
      places[i].y += forces[i].y * step;
    }
  }
  const range = (values, size, border) => {
    const low = Math.min(...values);
    const wide = Math.max(...values) - low || 1;
    return (v) => values.length < 2 ? size / 2 : border + (v - low) / wide * (size - 2 * border);
  };
  const toX = range(places.map((p) => p.x), width, 110);
  const toY = range(places.map((p) => p.y), height, 36);
  return places.map((p) => ({x: toX(p.x), y: toY(p.y)}));
}

function labelOf(node) {
  if (node.label) return node.label;
  if (node.type === 'process') return 'process';  // known by its id alone
  if (node.type === 'device') return node.value.split('.')[0];
  return node.value;
}

// `chosen`: the place of a node in `nodes`, or -1; `hidden`: types that are left out.
export function graphChart(nodes, alerts, chosen, hidden, select) {
  const shown = [];
  nodes.forEach((node, i) => {
    if (!hidden.has(node.type) && node.joins !== 'none') shown.push(i);
  });
  if (shown.length === 0) return h('p', {class: 'empty'}, 'No entity of these kinds.');
  const placeOf = new Map(shown.map((i, at) => [i, at]));
  const edges = edgesOf(nodes.map((node, i) => placeOf.has(i) ? node : undefined), alerts)
    .map((e) => ({...e, a: placeOf.get(e.a), b: placeOf.get(e.b)}));
  const height = Math.min(Math.max(260, 60 * Math.sqrt(shown.length) + 160), 760);
  const places = layout(shown.length, edges, WIDTH, height);
  const at = placeOf.get(chosen) ?? -1;
  const near = new Set(edges.filter((e) => e.a === at || e.b === at).flatMap((e) => [e.a, e.b]));
  const drawing = svg('svg', {viewBox: `0 0 ${WIDTH} ${height}`, class: 'chart', role: 'group',
    'aria-label': 'Entities of the incident'});
  for (const e of edges) {
    const touched = at >= 0 && (e.a === at || e.b === at);
    drawing.append(svg('line', {x1: places[e.a].x, y1: places[e.a].y, x2: places[e.b].x,
      y2: places[e.b].y, 'stroke-width': 1 + Math.min(Math.log2(e.alerts), 3),
      class: 'edge' + (touched ? ' touched' : at >= 0 ? ' faded' : '')}));
  }
  shown.forEach((index, i) => {
    const node = nodes[index];
    const faded = at >= 0 && i !== at && !near.has(i);
    const radius = node.type === 'device' || node.type === 'user' ? 15 : 10;
    const important = node.criticality === 'high' || node.criticality === 'critical';
    drawing.append(svg('g', {class: `node type-${node.type}` + (i === at ? ' chosen' : '') +
      (faded ? ' faded' : ''), transform: `translate(${places[i].x} ${places[i].y})`,
    role: 'button', tabindex: 0, id: 'node-' + index, 'aria-pressed': String(i === at),
    'aria-label': `${NAMES[node.type] ?? words(node.type)} ${short(node.value, 200)}`,
    onclick: () => select(i === at ? -1 : index),
    onkeydown: (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      select(i === at ? -1 : index);
    }},
    svg('title', {}, `${NAMES[node.type] ?? node.type}: ${short(node.value, 300)}`),
    important && svg('circle', {r: radius + 4, class: 'halo'}),
    svg('circle', {r: radius}),
    svg('text', {class: 'letter', y: 4, 'text-anchor': 'middle'}, SHAPES[node.type] ?? '?'),
    svg('text', {class: 'name', y: radius + 13, 'text-anchor': 'middle'},
      short(labelOf(node), 26))));
  });
  return h('div', {class: 'chart-box', id: 'graph', 'data-scroll': true, tabindex: 0,
    role: 'region', 'aria-label': 'Entity graph'}, drawing);
}

export function legend(nodes) {
  const types = [...new Set(nodes.map((n) => n.type))];
  return h('p', {class: 'legend'}, types.map((type) => h('span', {},
    h('span', {class: 'key type-' + type}, SHAPES[type] ?? '?'), ' ', NAMES[type] ?? words(type))));
}
