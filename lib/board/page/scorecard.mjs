// What each rule cost, how often it was right, and what to do about it.
import {badge, h, table} from './dom.mjs';
import {get} from './api.mjs';
import {count, short} from './format.mjs';

export function scorecardView() {
  return {
    title: () => 'Rules',
    load: () => get('/api/scorecard'),
    show(data) {
      const fired = data.rules.filter((r) => r.raw > 0);
      const judged = fired.filter((r) => r.true_positives + r.false_positives + r.benign > 0);
      const number = (n) => n ? n.toLocaleString('en') : '\u2013';
      const columns = [['Rule', 'wide'], ['Advice', ''], ['Alerts', 'number'], ['Folded', 'number'],
        ['Held back', 'number'], ['True', 'number'], ['False', 'number'], ['Benign', 'number'],
        ['Right at least', 'number'], ['Why', 'wide']];
      return h('section', {},
        h('div', {class: 'view-head'}, h('h1', {}, 'Rules'),
          h('p', {class: 'summary'}, `${fired.length} of ${count(data.rules.length, 'rule')} fired, ` +
            `${judged.length} of them judged`)),
        h('p', {class: 'hint'}, 'Advice only: no rule is changed by it. Verdicts on incidents are ' +
          'verdicts on the rules of their alerts.'),
        table('Rule scorecard', columns, fired.map((r) => [
          h('span', {}, badge(r.level ?? 'none', 'severity-' + r.level), ' ', short(r.title, 120)),
          badge(r.advice, 'advice-' + r.advice), number(r.emitted), number(r.folded),
          number(r.suppressed + r.inhibited), number(r.true_positives), number(r.false_positives),
          number(r.benign), r.precision_at_least === undefined ? '\u2013'
            : `${Math.round(r.precision_at_least * 100)} % of ${r.precision_n}`,
          (r.reasons ?? []).join('; ')])),
        h('details', {class: 'card', id: 'quiet-rules'},
          h('summary', {}, count(data.rules.length - fired.length, 'rule') + ' that did not fire'),
          h('ul', {}, data.rules.filter((r) => r.raw === 0).map((r) =>
            h('li', {}, short(r.title || r.rule_id, 200))))));
    },
  };
}
