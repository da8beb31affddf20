// The queue: incidents, most urgent first.
import {badge, empty, h} from './dom.mjs';
import {get} from './api.mjs';
import {count, short, span, words} from './format.mjs';

const SHOWN = 200;  // rows; the search finds the others
const OPEN = new Set(['new', 'in_progress', 'on_hold']);
const FILTERS = [
  ['open', 'Open', (i) => OPEN.has(i.state)],
  ['mine', 'Mine', (i, user) => OPEN.has(i.state) && i.assignee === user],
  ['new', 'New', (i) => i.state === 'new'],
  ['done', 'Resolved and closed', (i) => !OPEN.has(i.state)],
  ['all', 'All', () => true],
];

// Survives that somebody looks at an incident and comes back.
const kept = {filter: 'open', search: ''};

function matches(incident, search) {
  if (search === '') return true;
  const text = [incident.title, '#' + incident.number, incident.assignee, incident.severity,
    incident.verdict, words(incident.verdict), ...(incident.devices ?? []),
    ...(incident.users ?? []), ...(incident.tactics ?? []).map(words)].join('\n').toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function names(list, total) {
  if (!list) return '';
  const shown = list.map((name) => short(name, 40)).join(', ');
  return total > list.length ? `${shown} and ${total - list.length} more` : shown;
}

function row(incident) {
  const link = h('a', {href: '#/incident/' + incident.incident_id, id: 'row-' + incident.incident_id,
    class: 'row-link'}, short(incident.title, 200));
  const touched = [names(incident.devices, incident.device_count),
    names(incident.users, incident.user_count)].filter(Boolean).join(' \u00b7 ');
  return h('li', {class: 'row severity-' + incident.severity, 'data-number': incident.number},
    h('div', {class: 'row-head'},
      badge('P' + incident.priority, 'priority-' + incident.priority),
      badge(incident.severity, 'severity-' + incident.severity)),
    h('div', {class: 'row-main'},
      h('div', {class: 'row-title'}, h('span', {class: 'number'}, '#' + incident.number), ' ', link),
      h('div', {class: 'row-sub'}, touched || 'no device or user known'),
      h('div', {class: 'row-sub'}, span(incident.first_event, incident.last_event))),
    h('div', {class: 'row-side'},
      h('div', {}, badge(words(incident.state), 'state-' + incident.state),
        incident.verdict && badge(words(incident.verdict), 'verdict-' + incident.verdict),
        incident.overdue && badge('overdue: ' + incident.overdue.join(', '), 'overdue'),
        incident.refired_after_negative_verdict && badge('came again', 'quiet')),
      h('div', {class: 'row-sub'}, incident.assignee ? 'with ' + incident.assignee : 'nobody has it'),
      h('div', {class: 'row-sub'}, count(incident.alerts, 'alert') +
        (incident.folded ? `, ${count(incident.folded, 'folded', 'folded')}` : ''))));
}

function move(step) {
  const links = [...document.querySelectorAll('.row-link')];
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({block: 'nearest'});
}

function onKey(event) {
  if (event.target.closest('input, select, textarea, dialog') || event.ctrlKey || event.metaKey ||
      event.altKey) {
    return;
  }
  if (event.key === 'j') move(1);
  else if (event.key === 'k') move(-1);
  else if (event.key === '/') {
    event.preventDefault();
    document.getElementById('search')?.focus();
  }
}

export function queueView(context) {
  document.addEventListener('keydown', onKey);
  let data = null;

  function list() {
    const test = FILTERS.find(([name]) => name === kept.filter)[2];
    const found = data.incidents.filter((incident) =>
      test(incident, context.session.user) && matches(incident, kept.search));
    if (data.incidents.length === 0) {
      return [empty(data.input_ended
        ? 'No incident: nothing in these events fits a rule.'
        : 'No incident so far. Events are being read; this page shows what comes by itself.')];
    }
    if (found.length === 0) return [empty('Nothing here fits this choice.')];
    return [h('ol', {class: 'queue', 'aria-label': 'Incidents'}, found.slice(0, SHOWN).map(row)),
      found.length > SHOWN && empty(`${found.length - SHOWN} more: search to find them.`)];
  }

  function redraw() {
    const box = document.getElementById('queue-list');
    box.replaceChildren(...list().filter(Boolean));
    for (const [name] of FILTERS) {
      document.getElementById('filter-' + name)
        .setAttribute('aria-pressed', String(name === kept.filter));
    }
  }

  function summary() {
    const open = data.incidents.filter((i) => OPEN.has(i.state));
    const overdue = open.filter((i) => i.overdue).length;
    return h('p', {class: 'summary'},
      h('strong', {}, count(open.length, 'open incident')),
      overdue ? h('strong', {class: 'overdue-text'}, ` \u00b7 ${overdue} overdue`) : '',
      ` \u00b7 ${count(data.events, 'event')} \u2192 ${count(data.detections, 'detection')} \u2192 ` +
      count(data.alerts, 'alert'),
      data.input_ended ? ' \u00b7 all read' : h('span', {class: 'live'}, ' \u00b7 live'));
  }

  return {
    title: () => 'Queue',
    load: () => get('/api/queue'),
    show(loaded) {
      data = loaded;
      return h('section', {},
        h('div', {class: 'view-head'}, h('h1', {}, 'Queue'), summary()),
        h('div', {class: 'tools'},
          h('div', {class: 'chips', role: 'group', 'aria-label': 'Which incidents'},
            FILTERS.map(([name, text]) => h('button', {type: 'button', class: 'chip',
              id: 'filter-' + name, 'aria-pressed': String(name === kept.filter),
              onclick: () => {
                kept.filter = name;
                redraw();
              }}, text))),
          searchBox()),
        h('div', {id: 'queue-list'}, list()),
        data.total > data.incidents.length &&
          empty(`${data.total - data.incidents.length} less urgent ones are not shown.`));
    },
    close() {
      document.removeEventListener('keydown', onKey);
    },
  };

  function searchBox() {
    const box = h('input', {type: 'search', id: 'search', 'aria-label': 'Search the queue',
      placeholder: 'Search title, host, user\u2026', autocomplete: 'off', spellcheck: 'false',
      oninput: (event) => {
        kept.search = event.target.value;
        redraw();
      }});
    box.value = kept.search;
    return box;
  }
}
