// The buttons by which people change an incident.
import {button, h} from './dom.mjs';
import {openDialog} from './dialog.mjs';
import {VERDICTS, words} from './format.mjs';

const REASON = {name: 'reason', label: 'Reason', kind: 'area', hint: 'Goes on record.'};
const VERDICT = {name: 'verdict', label: 'Verdict', kind: 'select', options: VERDICTS};
const ORIGINAL = {name: 'duplicate_of', label: 'Original, if it is a duplicate',
  hint: 'The id of the other incident, as in its address.'};

// Without the members that were left empty.
function given(values) {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => v !== ''));
}

// `latest()` gives the data that the view shows now: a change says which version it has seen.
export function changeButtons(context, latest) {
  const data = latest();
  const incident = data.incident;
  const can = new Set(data.changes);
  const path = (what) => `/api/incidents/${incident.incident_id}/${what}`;

  async function send(what, body, done) {
    const answer = await context.change(path(what),
      {version: latest().incident.version, ...given(body)});
    context.toast(answer.proposal === undefined ? done
      : 'This needs a second person. It waits under Response until somebody else confirms it.');
    return answer;
  }

  async function now(what, body, done) {
    try {
      await send(what, body, done);
    } catch (error) {
      context.toast(error.code === 'stale_version'
        ? 'Not done: somebody has changed this incident meanwhile. You see the new version now.'
        : 'Not done: ' + error.message, 'bad');
    }
  }

  const ask = (what, done, dialog) => () => openDialog({
    ...dialog, submit: (values) => send(what, values, done)});

  const offers = {
    acknowledge: ['Acknowledge', () => now('acknowledge', {}, 'Acknowledged.'),
      incident.state === 'new'],
    assign: ['Assign\u2026', ask('assign', 'Assigned.', {title: 'Assign the incident',
      action: 'Assign', fields: [
        {name: 'assignee', label: 'To whom', value: context.session.user, required: true},
        REASON]})],
    hold: ['Hold\u2026', ask('hold', 'On hold.', {title: 'Put on hold', action: 'Hold',
      text: 'Clocks stand still until it is resumed or something worse comes.',
      fields: [{...REASON, required: true}]})],
    resume: ['Resume', () => now('resume', {}, 'Resumed.')],
    resolve: ['Give verdict\u2026', ask('resolve', 'Resolved.', {title: 'Resolve with a verdict',
      action: 'Resolve', fields: [VERDICT, ORIGINAL, REASON]}), true],
    close: ['Close\u2026', ask('close', 'Closed.', {title: 'Close the incident', action: 'Close',
      text: incident.verdict ? 'Its verdict is: ' + words(incident.verdict) + '.'
        : 'A new incident can be closed as false positive, test or duplicate only.',
      fields: incident.verdict ? [REASON] : [
        {...VERDICT, options: VERDICTS.filter(([name]) =>
          ['false_positive', 'test', 'duplicate'].includes(name))}, ORIGINAL, REASON]}),
    incident.state === 'resolved'],
    verdict: ['Change verdict\u2026', ask('verdict', 'Verdict changed.', {title: 'Change the verdict',
      action: 'Change', fields: [{...VERDICT, value: incident.verdict,
        options: VERDICTS.filter(([name]) => name !== 'duplicate')}, REASON]})],
    priority: ['Priority\u2026', () => openDialog({title: 'Set the priority', action: 'Set',
      fields: [{name: 'priority', label: 'Priority', kind: 'select', value: String(incident.priority),
        options: ['1', '2', '3', '4'].map((p) => [p, 'P' + p])}, REASON],
      submit: ({priority, reason}) =>
        send('priority', {priority: Number(priority), reason}, 'Priority set.')})],
    contained: ['Contained\u2026', ask('contained', 'Marked as contained.', {
      title: 'The attack was stopped', action: 'Mark as contained',
      text: 'Now. This is when the clock of containment ends.', fields: [REASON]})],
    comment: ['Comment\u2026', ask('comment', 'Comment added.', {title: 'Comment', action: 'Add',
      fields: [{name: 'text', label: 'Comment', kind: 'area', required: true}]})],
    link: ['Merge with\u2026', ask('link', 'Merged.', {title: 'These are one incident',
      action: 'Merge', text: 'The older one is kept.',
      fields: [{name: 'other', label: 'Id of the other incident', required: true}, REASON]})],
  };
  return h('div', {class: 'changes', role: 'group', 'aria-label': 'Changes'},
    Object.entries(offers).filter(([name]) => can.has(name)).map(([name, [text, act, first]]) =>
      button(text, act, {id: 'change-' + name, class: first ? 'primary' : ''})));
}

// Takes one alert out of the incident.
export function unlinkDialog(context, latest, alert) {
  openDialog({title: 'Take the alert out', action: 'Take out', danger: true,
    text: 'It becomes an incident of its own, and what only it held together falls apart, too. ' +
      'The two are never merged again unless somebody merges them.',
    fields: [REASON],
    submit: async ({reason}) => {
      await context.change(`/api/incidents/${latest().incident.incident_id}/unlink`,
        {version: latest().incident.version, alerts: [alert], reason});
      context.toast('Taken out.');
    }});
}

export function judgeDialog(context, alert) {
  openDialog({title: 'Judge this alert alone', action: 'Judge',
    text: 'For the rule\u2019s precision. The incident keeps its own verdict.',
    fields: [{...VERDICT, options: VERDICTS.filter(([name]) => name !== 'duplicate')}, REASON],
    submit: async (values) => {
      await context.change(`/api/alerts/${alert}/verdict`, given(values));
      context.toast('Judged.');
    }});
}
