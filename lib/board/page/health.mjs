// How the machinery and the team are doing.
import {empty, facts, h, table} from './dom.mjs';
import {get} from './api.mjs';
import {count, duration, short, time, title, words} from './format.mjs';

const CLOCKS = [['mttd', 'To detect'], ['mtta', 'To acknowledge'],
  ['mttc', 'To contain'], ['mttr', 'To resolve']];

const NAMES = {sla_breaches: 'Promises broken (SLA)', hubs: 'Entities that join nothing'};

// `name` of nanoseconds.
function shown(stats, name) {
  return stats?.count ? duration(stats[name] / 1e6) : '\u2013';
}

// Rules that no event seen so far could make true, and why.
function blindRules(rules) {
  if (rules.length === 0) return empty('Every rule\u2019s log source and fields have been seen.');
  const sourceless = rules.filter((r) => r.why === 'no_log_source').length;
  return [h('p', {}, `${count(sourceless, 'rule')} without events of the log source, ` +
    `${rules.length - sourceless} without a field.`),
  h('details', {id: 'blind'}, h('summary', {}, 'Which'),
    table('Rules that could not fire', [['Rule', 'wide'], ['Log source', ''], ['Missing fields', '']],
      rules.map((r) => [short(r.title || r.rule_id, 120), r.log_source,
        (r.missing_fields ?? []).join(', ')])))];
}

// What changed about sources and fields, newest first.
function findingList(findings) {
  if (findings.length === 0) return empty('No source fell silent, no field went away.');
  return h('ol', {class: 'log'}, findings.map(({finding: f}) => h('li', {},
    h('span', {class: 'when'}, time(f.time)), ' ', h('strong', {}, words(f.kind)), ' ',
    h('span', {class: 'value'}, [f.source, f.field].filter(Boolean).join(': ')),
    f.broken_rules && h('span', {class: 'hint'},
      ` ${count(f.broken_rules.length, 'rule')} cannot fire without it`))).reverse());
}

export function healthView() {
  return {
    title: () => 'Health',
    load: () => get('/api/health'),
    show(data) {
      const m = data.metrics;
      const bytes = data.counts.state_bytes;
      const counts = {...data.counts};
      delete counts.state_bytes;
      return h('section', {},
        h('div', {class: 'view-head'}, h('h1', {}, 'Health'),
          h('p', {class: 'summary'}, data.input_ended ? 'All events were read.'
            : h('span', {class: 'live'}, 'Events are being read.'))),
        h('div', {class: 'grid'},
          h('div', {class: 'card'}, h('h2', {}, 'Clocks of incidents'),
            table('Clocks', [['', ''], ['Count', 'number'], ['Median', 'number'],
              ['90 %', 'number'], ['Longest', 'number']], CLOCKS.map(([name, text]) => {
              const stats = m.all?.[name];
              return [text, String(stats?.count ?? 0), shown(stats, 'p50_ns'),
                shown(stats, 'p90_ns'), shown(stats, 'max_ns')];
            })),
            h('p', {class: 'hint'}, 'Counted from when the alert came up here; for old events ' +
              '\u201cto detect\u201d is how old they were.')),
          h('div', {class: 'card'}, h('h2', {}, 'Verdicts'),
            facts(Object.entries(m.verdicts ?? {}).map(([name, n]) => [title(name), String(n)]))),
          h('div', {class: 'card'}, h('h2', {}, 'Rules that could not fire'),
            blindRules(data.blind.blind_rules)),
          h('div', {class: 'card'}, h('h2', {}, 'Sources and fields'), findingList(data.findings)),
          h('div', {class: 'card'}, h('h2', {}, 'Pipeline'),
            facts([['Started', time(data.started)], ['Newest event', time(data.last_event)],
              ...Object.entries(counts).map(([name, n]) => [NAMES[name] ?? title(name), n.toLocaleString('en')]),
              ['State', `${(bytes / 1048576).toFixed(1)} MiB`]]))));
    },
  };
}
