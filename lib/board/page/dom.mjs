// Building the page. Text of events is an attacker's: it becomes text nodes and nothing else.

// Characters that would change how the text around them reads: controls, marks of direction,
// invisible ones. They are shown by their numbers.
const TRICKY = new RegExp(
  '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f' +
  '\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]', 'g');

export function plain(value) {
  return String(value).replace(TRICKY, (c) =>
    '\u27e8U+' + c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0') + '\u27e9');
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) {
      node.addEventListener(name.slice(2), value);
    } else {
      node.setAttribute(name, value === true ? '' : plain(value));
    }
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : plain(child));
  }
}

// h('p', {class: 'note'}, 'text', node, ...): an element of HTML.
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

// Likewise an element of SVG.
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

// Puts new content into `root`; who was at an element with an id, and how far it was scrolled, stays.
export function render(root, ...children) {
  const focused = root.contains(document.activeElement) ? document.activeElement.id : '';
  const scrolled = [...root.querySelectorAll('[data-scroll]')].map(
    (node) => [node.id, node.scrollLeft, node.scrollTop]);
  const open = new Set([...root.querySelectorAll('details[open][id]')].map((node) => node.id));
  root.replaceChildren();
  append(root, children);
  for (const node of root.querySelectorAll('details[id]')) {
    if (open.has(node.id)) node.open = true;
  }
  for (const [id, left, top] of scrolled) {
    const node = document.getElementById(id);
    if (node) {
      node.scrollLeft = left;
      node.scrollTop = top;
    }
  }
  if (focused) document.getElementById(focused)?.focus({preventScroll: true});
}

export function button(text, onclick, attributes = {}) {
  return h('button', {type: 'button', ...attributes, onclick}, text);
}

export function badge(text, kind) {
  return h('span', {class: 'badge ' + kind}, text);
}

// A list of name and value; values that are empty are left out.
export function facts(pairs) {
  return h('dl', {class: 'facts'}, pairs
    .filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false &&
      !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

export function empty(text) {
  return h('p', {class: 'empty'}, text);
}

// A table; `columns` are [title, class], rows are lists of cells.
export function table(caption, columns, rows) {
  return h('div', {class: 'table-box', tabindex: 0, role: 'region', 'aria-label': caption},
    h('table', {},
      h('caption', {class: 'hidden'}, caption),
      h('thead', {}, h('tr', {}, columns.map(([title, kind]) =>
        h('th', {scope: 'col', class: kind}, title)))),
      h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, i) =>
        h('td', {class: columns[i][1]}, cell)))))));
}
