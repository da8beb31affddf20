// The end of the audit log.
import {badge, h, table} from './dom.mjs';
import {get} from './api.mjs';
import {count, short, time} from './format.mjs';

export function auditView() {
  return {
    title: () => 'Audit',
    load: () => get('/api/audit'),
    show(data) {
      const entries = data.lines.filter((l) => l.kind === 'entry').reverse();
      return h('section', {},
        h('div', {class: 'view-head'}, h('h1', {}, 'Audit log'),
          h('p', {class: 'summary'}, `${count(data.records, 'record')}` +
            (data.kept ? '' : ' \u00b7 kept nowhere: give --audit FILE'))),
        h('p', {class: 'hint'}, 'A chain of hashes, so that a change of any byte shows: ',
          h('code', {}, 'vedette verify FILE'), '. To find missing records at the end, keep the ' +
          'anchor elsewhere: ', h('code', {class: 'value'}, `${data.records}:${data.head}`)),
        table('Last entries', [['Time', ''], ['Who', ''], ['What', 'wide'], ['', ''],
          ['Reason', 'wide']], entries.map(({time: when, data: e}) => [
          time(timeOf(when)), e.actor?.id ?? '', `${e.action?.name ?? ''} ` +
            short(e.action?.object ?? e.action?.object_id ?? '', 12),
          e.allowed ? badge('done', 'quiet') : badge('refused', 'overdue'),
          short(e.reason ?? '', 300)])));
    },
  };
}

// Nanoseconds since 1970; beyond what a number holds exactly, which a second does not mind.
function timeOf(nanoseconds) {
  return new Date(nanoseconds / 1e6).toISOString();
}
