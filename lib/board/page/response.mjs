// Playbooks: what waits for an approval, what is to be carried out, and what was done.
import {badge, button, empty, facts, h} from './dom.mjs';
import {get} from './api.mjs';
import {openDialog} from './dialog.mjs';
import {count, time, words} from './format.mjs';

const REASON = {name: 'reason', label: 'Reason', kind: 'area', hint: 'Goes on record.'};

// "contain device ws-7": an OpenC2 command in a line.
function commandText(command) {
  if (command === null || typeof command !== 'object') return String(command);
  const target = Object.entries(command.target ?? {}).map(([type, value]) =>
    `${type} ${typeof value === 'string' ? value
      : Object.values(value ?? {}).map((v) => typeof v === 'string' ? v : JSON.stringify(v))
        .join(' ')}`);
  return `${command.action ?? ''} ${target.join(', ')}`.trim();
}

function full(command) {
  return h('details', {}, h('summary', {}, 'The exact command'),
    h('pre', {class: 'raw'}, JSON.stringify(command, null, 2)));
}

function toIncident(id) {
  return h('a', {href: '#/incident/' + id}, 'incident ' + id.slice(0, 8));
}

function approvalCard(context, a) {
  const decide = (verb, done, danger) => () => openDialog({
    title: verb === 'approve' ? 'Approve the command' : 'Reject the command',
    text: commandText(a.command), action: verb === 'approve' ? 'Approve' : 'Reject', danger,
    fields: [REASON],
    submit: async ({reason}) => {
      await context.change(`/api/approvals/${a.key}/${verb}`, {hash: a.hash, reason});
      context.toast(done);
    }});
  return h('li', {class: 'card', 'data-approval': a.key},
    h('h3', {class: 'value'}, commandText(a.command)),
    facts([
      ['For', toIncident(a.incident)],
      ['Why it asks', a.reason === 'policy' ? 'the policy wants it' : a.reason],
      ['Approvals', `${a.approved_by.length} of ${a.needed}` +
        (a.approved_by.length ? ': ' + a.approved_by.join(', ') : '')],
      ['By whom', a.approver_roles.join(' or ')],
      ['Until', time(a.expires)],
      ['Taken back by', a.undo && commandText(a.undo)],
    ]), full(a.command),
    h('div', {class: 'changes'},
      button('Approve\u2026', decide('approve', 'Approved.', false),
        {class: 'primary', id: 'approve-' + a.key}),
      button('Reject\u2026', decide('reject', 'Rejected.', true), {id: 'reject-' + a.key})));
}

function commandCard(context, c) {
  return h('li', {class: 'card', 'data-command': c.key},
    h('h3', {class: 'value'}, c.text || commandText(c.command), ' ',
      c.dry_run && badge('dry run', 'quiet'), c.undo && badge('takes back', 'quiet')),
    facts([
      ['For', toIncident(c.incident)], ['Step', c.step], ['Handed out', time(c.since)],
      ['Until', c.deadline && time(c.deadline)],
      ['Not written', c.failure && h('strong', {class: 'error'}, c.failure)],
    ]), c.command && full(c.command),
    h('div', {class: 'changes'},
      button('Say what came of it\u2026', () => openDialog({
        title: c.dry_run ? 'What would have come of it?' : 'What came of it?', action: 'Answer',
        text: commandText(c.command),
        fields: [
          {name: 'status', label: 'Status', kind: 'select', value: '200', options: [
            ['200', '200 done'], ['102', '102 in progress'], ['400', '400 not understood'],
            ['403', '403 refused'], ['404', '404 not found'], ['500', '500 failed'],
            ['503', '503 not available']]},
          {name: 'results', label: 'Results (JSON)', kind: 'json',
            hint: 'Members named like the step\u2019s out_args become variables.'},
        ],
        submit: async ({status, results}) => {
          await context.change(`/api/commands/${c.key}/answer`,
            {status: Number(status), results: results.trim()});
          context.toast('Answered.');
        }}), {id: 'answer-' + c.key})));
}

export function runCards(context, runs, none) {
  if (runs.length === 0) return empty(none);
  return h('ul', {class: 'cards'}, [...runs].reverse().map(({record}) => h('li', {class: 'card',
    'data-run': record.run_id},
  h('h3', {}, record.playbook_name, ' ', badge(record.status, 'run-' + record.status),
    record.mode === 'dry-run' && badge('dry run', 'quiet')),
  facts([['For', toIncident(record.incident)], ['Started', `${time(record.started)} by ` +
    record.initiator], ['Ended', record.finished && time(record.finished)],
  ['Why', record.reason], ['Contained', record.contained && time(record.contained)]]),
  h('ol', {class: 'log'}, record.commands.map((c) => h('li', {},
    badge(c.state, 'command-' + c.state), ' ', h('span', {class: 'value'}, commandText(c.command)),
    c.detail && h('span', {class: 'hint'}, ' ' + c.detail),
    c.approved_by.length > 0 && h('span', {class: 'hint'},
      ' approved by ' + c.approved_by.join(', '))))),
  record.status === 'running' && h('div', {class: 'changes'},
    button('Cancel\u2026', () => openDialog({title: 'Cancel the run', action: 'Cancel the run',
      danger: true, fields: [REASON], submit: async ({reason}) => {
        await context.change(`/api/runs/${record.run_id}/cancel`, {reason});
        context.toast('Cancelled.');
      }}), {id: 'cancel-' + record.run_id})))));
}

// What a playbook's variable may be for this incident: a guess to begin with.
function guess(variable, data) {
  const first = (...types) => data.nodes.find((n) => types.includes(n.type))?.value ?? '';
  if (/host|device|machine/.test(variable.name)) return first('device').split('.')[0];
  if (/user|account/.test(variable.name)) return first('user');
  if (variable.type === 'ipv4-addr' || variable.type === 'ipv6-addr') return first('external_ip');
  return '';
}

export function startButtons(context, data) {
  if (!context.session.playbooks) {
    return empty('No policy was given (vedette serve --policy), so there are no playbooks.');
  }
  const box = h('div', {class: 'changes', id: 'start-runs'});
  get('/api/response').then(({playbooks}) => {
    if (playbooks.length === 0) box.append(empty('No playbook was given (--playbooks).'));
    for (const playbook of playbooks) {
      box.append(button('Run \u201c' + playbook.name + '\u201d\u2026', () => openDialog({
        title: playbook.name, action: 'Start',
        text: 'A dry run shows which commands would be asked for; nothing of it is handed out.',
        fields: [
          {name: 'mode', label: 'How', kind: 'select', value: 'dry-run',
            options: [['dry-run', 'Dry run'], ['live', 'Live: commands are asked for']]},
          ...playbook.variables.map((v) => ({name: v.name, label: `${v.name} (${v.type})`,
            hint: v.description, value: guess(v, data), required: v.needed})),
        ],
        submit: async ({mode, ...values}) => {
          const variables = Object.fromEntries(Object.entries(values).filter(([, v]) => v !== ''));
          await context.change('/api/runs', {playbook: playbook.id, mode, variables,
            incident: data.incident.incident_id});
          context.toast('Started.');
        }}), {id: 'run-' + playbook.id}));
    }
  }).catch(() => box.append(empty('The playbooks cannot be shown now.')));
  return box;
}

function part(name, id, items, none) {
  return h('section', {id}, h('h2', {}, name),
    items.length ? h('ul', {class: 'cards'}, items) : empty(none));
}

export function responseView(context) {
  const proposal = (verb, number, done) => async () => {
    try {
      await context.change(`/api/proposals/${number}/${verb}`);
      context.toast(done);
    } catch (error) {
      context.toast('Not done: ' + error.message, 'bad');
    }
  };
  return {
    title: () => 'Response',
    load: () => get('/api/response'),
    show(data) {
      return h('section', {},
        h('div', {class: 'view-head'}, h('h1', {}, 'Response'),
          h('p', {class: 'summary'}, `${count(data.approvals.length, 'approval')} waiting \u00b7 ` +
            `${count(data.commands.length, 'command')} open`)),
        !data.enabled && empty('No policy was given (vedette serve --policy): incidents can be ' +
          'judged, and no playbook can be run.'),
        data.proposals.length > 0 && part('For a second person', 'proposals',
          data.proposals.map((p) => h('li', {class: 'card', 'data-proposal': p.number},
            h('h3', {}, `${p.by} wants to ${words(p.action)} `, toIncident(p.incident)),
            h('p', {class: 'hint'}, time(p.time)),
            h('div', {class: 'changes'},
              button('Confirm', proposal('confirm', p.number, 'Confirmed and done.'),
                {class: 'primary', id: 'confirm-' + p.number}),
              button('Take back', proposal('drop', p.number, 'Taken back.'),
                {id: 'drop-' + p.number})))), ''),
        data.enabled && [
          part('Approvals', 'approvals', data.approvals.map((a) => approvalCard(context, a)),
            'No command waits for an approval.'),
          part('Commands to carry out', 'commands', data.commands.map((c) =>
            commandCard(context, c)), 'No command is open.'),
          h('section', {id: 'runs'}, h('h2', {}, 'Runs'), runCards(context, data.runs,
            'No playbook has been run.')),
          h('section', {class: 'card'}, h('h2', {}, 'Kill switch'),
            h('p', {}, data.kill_switch ? h('strong', {}, 'It is on: no command is handed out.')
              : 'Off: commands are handed out as the policy allows.'),
            button(data.kill_switch ? 'Switch off\u2026' : 'Switch on\u2026', () => openDialog({
              title: data.kill_switch ? 'Hand commands out again' : 'Hand no command out',
              action: data.kill_switch ? 'Switch off' : 'Switch on', danger: !data.kill_switch,
              fields: [REASON], submit: async ({reason}) => {
                await context.change('/api/kill-switch', {on: !data.kill_switch, reason});
                context.toast('Done.');
              }}), {id: 'kill', class: data.kill_switch ? '' : 'danger'})),
        ]);
    },
  };
}
