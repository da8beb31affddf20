// A form in front of the page: what a change needs to be told.
import {button, h} from './dom.mjs';

// `fields`: {name, label, kind: 'text' | 'area' | 'select' | 'json', options, value, hint,
// required}. `submit(values)` is awaited; what it throws is shown, and the form stays as it is.
export function openDialog({title, text, fields = [], action, danger = false, submit}) {
  const before = document.activeElement?.id;
  const error = h('p', {class: 'error', role: 'alert'});
  const inputs = new Map();
  const rows = fields.map((field) => {
    const attributes = {id: 'field-' + field.name, name: field.name, required: field.required};
    let input;
    if (field.kind === 'select') {
      input = h('select', attributes, field.options.map(([value, name]) =>
        h('option', {value, selected: value === field.value}, name)));
    } else if (field.kind === 'area' || field.kind === 'json') {
      input = h('textarea', {...attributes, rows: 3, spellcheck: field.kind === 'area'});
    } else {
      input = h('input', {...attributes, autocomplete: 'off', spellcheck: 'false'});
    }
    if (field.value !== undefined && field.kind !== 'select') input.value = field.value;
    inputs.set(field.name, input);
    return h('div', {class: 'field'}, h('label', {for: 'field-' + field.name}, field.label), input,
      field.hint && h('p', {class: 'hint'}, field.hint));
  });
  const send = h('button', {type: 'submit', class: danger ? 'danger' : 'primary', id: 'dialog-send'},
    action);
  const dialog = h('dialog', {'aria-labelledby': 'dialog-title'},
    h('form', {onsubmit: async (event) => {
      event.preventDefault();
      send.disabled = true;
      error.textContent = '';
      try {
        await submit(Object.fromEntries([...inputs].map(([name, input]) => [name, input.value])));
        dialog.close();
      } catch (failure) {
        error.textContent = failure.code === 'stale_version'
          ? 'Somebody has changed this incident meanwhile. Look at it again, then decide: ' +
            'what stands behind this form is the new version.'
          : failure.message;
      } finally {
        send.disabled = false;
      }
    }},
    h('h2', {id: 'dialog-title'}, title), text && h('p', {}, text), rows, error,
    h('div', {class: 'dialog-buttons'},
      button('Cancel', () => dialog.close(), {id: 'dialog-cancel'}), send)));
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before) document.getElementById(before)?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
