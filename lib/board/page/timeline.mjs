// An incident's alerts along time, a lane for each tactic.
import {h, plain, svg} from './dom.mjs';
import {clock, short, tacticOrder, time, title} from './format.mjs';

const WIDTH = 1000;
const LEFT = 170;
const RIGHT = 24;
const LANE = 30;
const TOP = 8;
const AXIS = 26;
const GAP = 11;  // between alerts of nearly the same time

function ticks(from, to) {
  const steps = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 43200, 86400, 604800];
  const seconds = (to - from) / 1000;
  const step = (steps.find((s) => seconds / s <= 8) ?? seconds / 6) * 1000;
  const out = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) out.push(t);
  return out;
}

// `alerts`: {alert_id, event, severity, title, tactics}; `select(id)` is called with a choice.
export function timelineChart(alerts, selected, select) {
  const placed = alerts.filter((a) => a.event)
    .map((a) => ({...a, at: Date.parse(a.event), lane: a.tactics?.[0] ?? 'other'}))
    .sort((a, b) => a.at - b.at);
  if (placed.length === 0) return h('p', {class: 'empty'}, 'No alert has a time.');
  let from = placed[0].at;
  let to = placed.at(-1).at;
  const margin = Math.max((to - from) * 0.02, 1000);
  from -= margin;
  to += margin;
  const lanes = [...new Set(placed.map((a) => a.lane))]
    .sort((a, b) => tacticOrder(a) - tacticOrder(b));
  const height = TOP + lanes.length * LANE + AXIS;
  const x = (t) => LEFT + (t - from) / (to - from) * (WIDTH - LEFT - RIGHT);
  const y = (lane) => TOP + lanes.indexOf(lane) * LANE + LANE / 2;
  const drawing = svg('svg', {viewBox: `0 0 ${WIDTH} ${height}`, class: 'chart', role: 'group',
    'aria-label': 'Timeline of alerts by tactic'});
  lanes.forEach((lane, i) => {
    drawing.append(
      svg('rect', {x: 0, y: TOP + i * LANE, width: WIDTH, height: LANE,
        class: i % 2 ? 'lane odd' : 'lane'}),
      svg('text', {x: 10, y: y(lane) + 4, class: 'lane-name'}, title(lane)));
  });
  const sameDay = new Date(from).toISOString().slice(0, 10) === new Date(to).toISOString().slice(0, 10);
  for (const t of ticks(from, to)) {
    const text = new Date(t).toISOString();
    drawing.append(
      svg('line', {x1: x(t), x2: x(t), y1: TOP, y2: height - AXIS, class: 'tick'}),
      svg('text', {x: x(t), y: height - 8, class: 'tick-name', 'text-anchor': 'middle'},
        sameDay ? clock(text).slice(0, 5) : text.slice(5, 16).replace('T', ' ')));
  }
  const last = new Map();  // by lane: where the last dot stands
  for (const a of placed) {
    // What would lie upon each other stands side by side.
    const at = Math.min(Math.max(x(a.at), (last.get(a.lane) ?? -GAP) + GAP), WIDTH - RIGHT / 2);
    last.set(a.lane, at);
    const chosen = a.alert_id === selected;
    drawing.append(svg('g', {class: 'dot' + (chosen ? ' chosen' : ''), role: 'button', tabindex: 0,
      id: 'dot-' + a.alert_id, 'data-alert': a.alert_id, 'aria-pressed': String(chosen),
      'aria-label': `${clock(a.event)} ${a.severity}: ${plain(a.title)}`,
      onclick: () => select(a.alert_id),
      onkeydown: (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        select(a.alert_id);
      }},
    svg('title', {}, `${time(a.event)}  ${short(a.title, 200)}`),
    svg('circle', {cx: at, cy: y(a.lane), r: 7, class: 'severity-' + a.severity})));
  }
  return h('div', {class: 'chart-box', id: 'timeline', 'data-scroll': true, tabindex: 0,
    role: 'region', 'aria-label': 'Timeline'}, drawing);
}
