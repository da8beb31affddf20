// An incident: its story in pictures and words, and what can be done about it.
import {badge, empty, facts, h} from './dom.mjs';
import {get} from './api.mjs';
import {alertPanel} from './alert.mjs';
import {changeButtons, judgeDialog, unlinkDialog} from './changes.mjs';
import {graphChart, legend} from './graph.mjs';
import {matrixGrid} from './matrix.mjs';
import {runCards, startButtons} from './response.mjs';
import {timelineChart} from './timeline.mjs';
import {count, short, span, tacticOrder, time, title, words} from './format.mjs';

const TABS = [['timeline', 'Timeline'], ['graph', 'Entities'], ['matrix', 'ATT&CK'],
  ['playbooks', 'Playbooks'], ['log', 'History']];
const FEW = 12;  // entities: then none of them is too much

export function incidentView(context, id) {
  let data = null;
  let tab = 'timeline';
  let selected = null;   // id of an alert
  let panel = null;      // what is known of it
  let node = -1;         // place of an entity
  const hidden = new Set(['session', 'file_hash']);

  const latest = () => data;

  function alerts() {
    const rules = new Map(data.rules.map((r) => [r.rule_id, r]));
    const entities = new Map(data.edges.map((e) => [e.alert, e.entities]));
    return data.incident.alerts.map((a) => ({...a, rule: rules.get(a.rule_id),
      tactics: [...(rules.get(a.rule_id)?.tactics ?? [])].sort((x, y) =>
        tacticOrder(x) - tacticOrder(y)),
      entities: entities.get(a.alert_id) ?? []}));
  }

  async function select(alert) {
    selected = alert === selected ? null : alert;
    panel = null;
    context.refresh();
  }

  function alertRows(list) {
    return h('ol', {class: 'alerts'}, list.map((a) => h('li', {
      class: 'alert severity-' + a.severity + (a.alert_id === selected ? ' chosen' : '')},
    h('span', {class: 'when'}, time(a.event)),
    badge(a.severity, 'severity-' + a.severity),
    h('button', {type: 'button', class: 'alert-title', id: 'alert-' + a.alert_id,
      'aria-pressed': String(a.alert_id === selected), onclick: () => select(a.alert_id)},
    short(a.title, 200)),
    h('span', {class: 'hint'},
      [a.folded && `and ${a.folded} like it`, a.outcome === 'blocked' && 'blocked',
        a.joined_by === 'first' ? 'the incident began with it' : short(a.joined_by, 90)].filter(Boolean).join(' \u00b7 ')))));
  }

  function byTime(list) {
    return [...list].sort((a, b) => (a.event ?? '') < (b.event ?? '') ? -1 : 1);
  }

  function timelineTab() {
    const list = byTime(alerts());
    return [timelineChart(list, selected, select), alertRows(list)];
  }

  function graphTab() {
    const list = alerts();
    const types = [...new Set(data.nodes.map((n) => n.type))];
    const chosen = data.nodes[node];
    return [
      h('div', {class: 'tools'}, h('div', {class: 'chips', role: 'group', 'aria-label': 'Kinds'},
        types.map((type) => h('button', {type: 'button', class: 'chip', id: 'kind-' + type,
          'aria-pressed': String(!hidden.has(type)), onclick: () => {
            if (!hidden.delete(type)) hidden.add(type);
            context.refresh();
          }}, words(type))))),
      graphChart(data.nodes, list, node, hidden, (i) => {
        node = i;
        context.refresh();
      }),
      legend(data.nodes.filter((n) => !hidden.has(n.type))),
      chosen ? h('div', {id: 'node-alerts'},
        h('h3', {}, words(chosen.type), ' ', h('span', {class: 'value'}, short(chosen.value, 300))),
        facts([['Joins alerts', chosen.joins], ['Criticality', chosen.criticality]]),
        alertRows(byTime(list.filter((a) => a.entities.includes(node)))))
        : empty('Choose an entity to see its alerts.')];
  }

  function matrixTab() {
    const fired = new Map();
    for (const a of data.incident.alerts) fired.set(a.rule_id, (fired.get(a.rule_id) ?? 0) + 1);
    return matrixGrid(data.rules.map((r) => ({...r, alerts: fired.get(r.rule_id) ?? 0})));
  }

  function logTab() {
    const entries = data.incident.timeline.filter((e) => e.kind !== 'alert').reverse();
    return [h('ol', {class: 'log'}, entries.map((e) => h('li', {},
      h('span', {class: 'when'}, time(e.time)), ' ',
      h('strong', {}, e.actor ?? 'vedette'), ' ', words(e.kind),
      e.text && h('span', {class: 'value'}, ': ' + e.text)))),
    (data.incident.links ?? []).map((l) => h('p', {}, words(l.kind) + ' ',
      h('a', {href: '#/incident/' + l.incident}, l.incident.slice(0, 8)), ': ', l.reason))];
  }

  function playbookTab() {
    return [startButtons(context, data), runCards(context, data.runs, 'No playbook has been run for this.')];
  }

  const tabs = {timeline: timelineTab, graph: graphTab, matrix: matrixTab, log: logTab,
    playbooks: playbookTab};

  function header() {
    const i = data.incident;
    const events = i.alerts.map((a) => a.event).filter(Boolean).sort();
    const last = i.alerts.map((a) => a.last_event ?? a.event).filter(Boolean).sort().at(-1);
    const named = (type) => data.nodes.filter((n) => n.type === type && n.joins !== 'none')
      .map((n) => n.value);
    const folded = i.alerts.reduce((sum, a) => sum + (a.folded ?? 0), 0);
    return h('header', {class: 'card incident-head severity-' + i.severity},
      h('p', {class: 'crumb'}, h('a', {href: '#/queue'}, '\u2190 Queue')),
      h('h1', {}, h('span', {class: 'number'}, '#' + i.number), ' ', short(i.title, 300)),
      h('p', {class: 'badges'}, badge('P' + i.priority, 'priority-' + i.priority),
        badge(i.severity, 'severity-' + i.severity),
        badge(words(i.state), 'state-' + i.state),
        i.verdict && badge(words(i.verdict), 'verdict-' + i.verdict),
        data.overdue && badge('overdue: ' + data.overdue.join(', '), 'overdue')),
      facts([
        ['When', span(events[0], last)],
        ['What', count(i.alerts.length, 'alert') +
          (folded ? `, ${folded} more folded into them` : '')],
        ['Tactics', [...(i.tactics ?? [])].sort((a, b) => tacticOrder(a) - tacticOrder(b))
          .map(title).join(', ')],
        ['Devices', some(named('device'))],
        ['Users', some(named('user'))],
        ['Assigned to', i.assignee],
        ['Came up', time(i.clocks.alert)],
        ['Contained', i.clocks.contained && time(i.clocks.contained)],
        ['Merged into', i.merged_into && h('a', {href: '#/incident/' + i.merged_into},
          i.merged_into)],
      ]),
      data.proposals.map((p) => h('p', {class: 'notice'},
        `${p.by} wants to ${words(p.action)} this; a second person must agree. `,
        h('a', {href: '#/response'}, 'Response'))),
      changeButtons(context, latest));
  }

  function steps() {
    const all = [...new Set(data.rules.flatMap((r) => r.triage_steps ?? []))];
    const beware = [...new Set(data.rules.flatMap((r) => r.false_positives ?? []))];
    if (all.length + beware.length === 0) return null;
    return h('details', {class: 'card', id: 'steps'}, h('summary', {}, 'What to look at next'),
      h('ul', {}, all.map((s) => h('li', {}, s))),
      beware.length > 0 && [h('p', {class: 'hint'}, 'Known false alarms:'),
        h('ul', {}, beware.map((s) => h('li', {}, s)))]);
  }

  function aside() {
    if (selected === null) return null;
    const content = panel === null ? empty('Loading\u2026') : alertPanel(panel, {
      close: () => select(selected),
      judge: () => judgeDialog(context, selected),
      unlink: data.changes.includes('unlink') && data.incident.alerts.length > 1
        ? () => unlinkDialog(context, latest, selected) : null,
    });
    return h('aside', {class: 'card panel', id: 'panel', 'data-scroll': true,
      'aria-label': 'The chosen alert'}, content);
  }

  return {
    title: (loaded) => `#${loaded.incident.number} ${short(loaded.incident.title, 60)}`,
    async load() {
      const loaded = await get('/api/incidents/' + encodeURIComponent(id));
      if (selected !== null) panel = await get('/api/alerts/' + selected);
      return loaded;
    },
    show(loaded) {
      if (data === null && loaded.nodes.length <= FEW) hidden.clear();
      data = loaded;
      return h('div', {class: 'incident' + (selected ? ' with-panel' : '')},
        header(),
        h('div', {class: 'columns'},
          h('div', {class: 'card story'},
            h('div', {class: 'tabs', role: 'tablist'}, TABS.map(([name, text]) =>
              h('button', {type: 'button', role: 'tab', id: 'tab-' + name,
                'aria-selected': String(name === tab), onclick: () => {
                  tab = name;
                  context.refresh();
                }}, name === 'playbooks' && data.runs.length ? `${text} (${data.runs.length})`
                : text))),
            h('div', {class: 'tab', role: 'tabpanel', 'aria-labelledby': 'tab-' + tab},
              tabs[tab]())),
          aside()),
        steps());
    },
  };
}

function some(names) {
  const shown = names.slice(0, 4).map((n) => short(n, 60)).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
