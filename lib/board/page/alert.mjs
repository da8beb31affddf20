// One alert: why it came, on what evidence, and what to look at next.
import {badge, button, facts, h} from './dom.mjs';
import {count, span, time, title, words} from './format.mjs';

function list(items) {
  return items && items.length > 0 && h('ul', {}, items.map((item) => h('li', {}, item)));
}

// Addresses of rules are links only if they are what they look like.
function reference(text) {
  return /^https:\/\/[\w.-]+\/[\w./#?=&%~+-]*$/.test(text)
    ? h('a', {href: text, rel: 'noreferrer noopener', target: '_blank'}, text) : text;
}

function section(name, ...children) {
  const content = children.flat().filter(Boolean);
  return content.length > 0 && h('section', {}, h('h3', {}, name), content);
}

// "first", "strong: process {..}"
function belongs(joinedBy) {
  if (!joinedBy) return null;
  return h('p', {}, joinedBy === 'first' ? 'The incident began with it.'
    : ['Belongs here by something shared: ', h('strong', {class: 'value'}, joinedBy)]);
}

function matched(why) {
  if (!why.matched) return null;
  return [h('p', {class: 'hint'}, 'Every test that held, with the value that it held for:'),
    h('ul', {class: 'tests'}, why.matched.map((m) => h('li', {},
      h('div', {class: 'test-head'}, h('code', {}, m.field),
        m.selection && h('span', {class: 'hint'}, m.selection)),
      h('div', {class: 'value'}, m.value),
      h('div', {class: 'test'}, h('code', {}, m.test)))))];
}

function seen(events) {
  if (!events) return null;
  return [h('p', {}, `${count(events.total, 'event')}, ${span(events.first, events.last)}`),
    h('ul', {class: 'tests'}, events.members.map((e) => h('li', {},
      h('div', {class: 'test-head'}, h('code', {}, e.stage),
        h('span', {class: 'hint'}, `${time(e.time)} \u00b7 ${e.source}:${e.line}`)),
      h('div', {class: 'value'}, Object.entries(e.fields ?? {})
        .map(([name, value]) => `${name}: ${typeof value === 'string' ? value
          : JSON.stringify(value)}`).join('\n')))))];
}

// `loaded` as /api/alerts/ID gives it; `actions`: {unlink, judge, close}.
export function alertPanel(loaded, actions) {
  const alert = loaded.alert;
  const head = (name, ...more) => h('div', {class: 'panel-head'}, h('h2', {}, name), more,
    button('\u00d7', actions.close, {class: 'quiet', id: 'panel-close', 'aria-label': 'Close'}));
  if (alert === null) {
    return h('div', {}, head('Alert'),
      h('p', {}, 'Its details were given up for want of memory; the incident keeps its summary.'));
  }
  const {who, what, where, when, why} = alert;
  const sure = alert.how_sure;
  return h('div', {class: 'alert-panel'},
    head(alert.title, badge(alert.severity, 'severity-' + alert.severity)),
    h('p', {class: 'lead'}, what.description),
    section('Why', belongs(loaded.joined_by),
      why.reason && h('p', {}, title(why.emitted) + ': ' + why.reason), matched(why), seen(why.events)),
    section('Who', facts([
      ['Program', who.process && h('code', {class: 'value'}, who.process)],
      ['Command', who.command_line && h('code', {class: 'value'}, who.command_line)],
      ...(who.entities ?? []).map((e) => [title(e.role || e.type), [
        h('span', {class: 'value'}, e.value), ' ',
        h('span', {class: 'hint'}, words(e.type) + (e.field ? ` \u00b7 ${e.field}` : ''))]]),
    ])),
    section('Evidence', facts([
      ['Event', time(when.event)],
      ['Source', `${where.source}:${where.line}`],
      ['Log source', [where.product, where.category, where.service].filter(Boolean).join(' / ')],
      ['Event id', where.event_uid && h('span', {class: 'value'}, where.event_uid)],
      ['Hash of its bytes', where.raw_hash &&
        h('code', {}, `${where.raw_hash} (${count(where.raw_bytes, 'byte')})`)],
      ['Folded into it', loaded.folded > 0 && count(loaded.folded, 'more alert')],
    ])),
    section('How sure', facts([
      ['Confidence', `${sure.confidence} %`],
      ['Rule', [sure.rule_level, sure.rule_status].filter(Boolean).join(', ')],
      ['Right at least', sure.rule_precision_at_least !== undefined &&
        `${Math.round(sure.rule_precision_at_least * 100)} % (${sure.rule_verdicts} verdicts)`],
      ['Known false alarms', list(sure.false_positives)],
      ['Outcome', alert.so_what.outcome],
      ['Technique', (alert.so_what.techniques ?? []).join(', ')],
    ])),
    section('Next', list(alert.what_next.triage_steps),
      list((alert.what_next.references ?? []).map(reference))),
    section('Verdicts', list([
      ...loaded.verdicts.map((v) => `${words(v.verdict)} by ${v.analyst}, ${time(v.time)}`),
      ...(alert.what_next.past_verdicts ?? []).map((v) =>
        `earlier, of one like it: ${words(v.verdict)} by ${v.analyst}, ${time(v.time)}`)])),
    section('Rule', facts([
      ['File', alert.provenance.rule_file], ['Id', what.rule_id],
      ['Author', alert.credits.rule_author], ['Licence', alert.credits.rule_license],
      ['Hash', alert.provenance.rule_hash]])),
    h('details', {id: 'raw'}, h('summary', {}, 'All of it, as JSON'),
      h('pre', {class: 'raw'}, JSON.stringify(alert, null, 2))),
    h('div', {class: 'changes'},
      button('Judge this alert\u2026', actions.judge, {id: 'judge'}),
      actions.unlink && button('Take out of the incident\u2026', actions.unlink, {id: 'unlink'})));
}
