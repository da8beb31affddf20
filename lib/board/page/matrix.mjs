// The ATT&CK matrix of rules: tactics side by side, below each the techniques that rules name.
import {button, empty, h} from './dom.mjs';
import {get} from './api.mjs';
import {count, tacticOrder, title} from './format.mjs';

// Rules say which tactics and techniques they are about, not which belongs to which: a technique
// stands under each tactic of the rules that name it. [tactic, [technique, rules, alerts]...]
function columnsOf(rules) {
  const columns = new Map();
  for (const rule of rules) {
    for (const tactic of rule.tactics ?? ['other']) {
      const column = columns.get(tactic) ?? new Map();
      columns.set(tactic, column);
      for (const technique of rule.techniques ?? ['no technique']) {
        const cell = column.get(technique) ?? {rules: [], alerts: 0};
        cell.rules.push(rule);
        cell.alerts += rule.alerts;
        column.set(technique, cell);
      }
    }
  }
  return [...columns]
    .sort(([a], [b]) => tacticOrder(a) - tacticOrder(b) || (a < b ? -1 : 1))
    .map(([tactic, cells]) => [tactic, [...cells]
      .sort(([a, x], [b, y]) => y.alerts - x.alerts || (a < b ? -1 : 1))]);
}

function heat(alerts) {
  if (alerts === 0) return 'heat-0';
  return alerts === 1 ? 'heat-1' : alerts < 5 ? 'heat-2' : 'heat-3';
}

export function matrixGrid(rules, only = false) {
  const columns = columnsOf(rules)
    .map(([tactic, cells]) => [tactic, only ? cells.filter(([, c]) => c.alerts > 0) : cells])
    .filter(([, cells]) => cells.length > 0);
  if (columns.length === 0) return empty('No rule here names a tactic or technique of ATT&CK.');
  return h('div', {class: 'matrix', id: 'matrix', 'data-scroll': true, tabindex: 0, role: 'region',
    'aria-label': 'ATT&CK matrix'},
  columns.map(([tactic, cells]) => h('section', {class: 'tactic'},
    h('h3', {}, title(tactic)),
    h('ul', {}, cells.map(([technique, cell]) => h('li', {class: 'technique ' + heat(cell.alerts),
      'data-technique': technique,
      title: cell.rules.map((r) => r.title).slice(0, 12).join('\n')},
    h('span', {}, technique),
    h('span', {class: 'tally'}, cell.alerts ? count(cell.alerts, 'alert')
      : count(cell.rules.length, 'rule'))))))));
}

export function matrixView() {
  let only = false;
  let data = null;
  return {
    title: () => 'ATT&CK',
    load: () => get('/api/matrix'),
    show(loaded) {
      data = loaded;
      const fired = data.rules.filter((r) => r.alerts > 0);
      const techniques = (rules) => new Set(rules.flatMap((r) => r.techniques ?? [])).size;
      const box = h('div', {}, matrixGrid(data.rules, only));
      const toggle = button('Only what has fired', () => {
        only = !only;
        toggle.setAttribute('aria-pressed', String(only));
        box.replaceChildren(matrixGrid(data.rules, only));
      }, {class: 'chip', id: 'only-fired', 'aria-pressed': String(only)});
      return h('section', {},
        h('div', {class: 'view-head'}, h('h1', {}, 'ATT&CK'),
          h('p', {class: 'summary'}, `${count(techniques(fired), 'technique')} seen, ` +
            `${techniques(data.rules)} claimed by ${count(data.rules.length, 'rule')}`)),
        h('div', {class: 'tools'}, toggle),
        h('p', {class: 'hint'}, 'Filled: rules for it have fired here. Outlined: a rule says that ' +
          'it finds it, and nothing has shown so far that it does.'),
        box);
    },
  };
}
