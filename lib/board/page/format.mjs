// Times, counts and names as people read them. Times are UTC, as in reports.

export function time(text) {
  return text ? text.slice(0, 19).replace('T', ' ') : '\u2013';
}

export function clock(text) {
  return text ? text.slice(11, 19) : '\u2013';
}

export function duration(milliseconds) {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  const two = (a, unit, b, smaller) => `${a} ${unit}` + (b ? ` ${b} ${smaller}` : '');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  if (seconds < 86400) {
    return two(Math.floor(seconds / 3600), 'h', Math.floor(seconds % 3600 / 60), 'min');
  }
  return two(Math.floor(seconds / 86400), 'd', Math.floor(seconds % 86400 / 3600), 'h');
}

// From one time to another: "2026-11-17 09:12:40 to 12:31:02 (3 h 18 min)".
export function span(from, to) {
  if (!from) return '';
  if (!to || to === from) return time(from);
  const end = to.slice(0, 10) === from.slice(0, 10) ? clock(to) : time(to);
  return `${time(from)} to ${end} (${duration(Date.parse(to) - Date.parse(from))})`;
}

export function count(n, one, many = one + 's') {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

// "in_progress" -> "in progress".
export function words(name) {
  return (name ?? '').replaceAll('_', ' ').replaceAll('-', ' ');
}

export function title(name) {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function short(text, most) {
  return text.length <= most ? text : text.slice(0, most - 1) + '\u2026';
}

// In the order of ATT&CK's matrix.
const TACTICS = [
  'reconnaissance', 'resource-development', 'initial-access', 'execution', 'persistence',
  'privilege-escalation', 'stealth', 'defense-evasion', 'defense-impairment', 'credential-access',
  'discovery', 'lateral-movement', 'collection', 'command-and-control', 'exfiltration', 'impact',
];

export function tacticOrder(name) {
  const place = TACTICS.indexOf(name);
  return place < 0 ? TACTICS.length : place;
}

export const VERDICTS = [
  ['true_positive', 'True positive: an attack'],
  ['benign', 'Benign: it happened, with a legitimate cause'],
  ['false_positive', 'False positive: the rule is wrong'],
  ['suspicious', 'Suspicious: not decided'],
  ['test', 'Test: it was an exercise'],
  ['insufficient_data', 'Insufficient data'],
  ['duplicate', 'Duplicate of another incident'],
];
