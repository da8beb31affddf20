import {h, render} from './dom.mjs';
import {post} from './api.mjs';

// The form; `done` is called when somebody is in.
export function showLogin(root, done, why = '') {
  const error = h('p', {class: 'error', role: 'alert'}, why);
  const name = h('input', {id: 'name', name: 'name', autocomplete: 'username', maxlength: 64,
    spellcheck: 'false', autocapitalize: 'none'});
  const token = h('input', {id: 'token', name: 'token', type: 'password', required: true,
    autocomplete: 'current-password'});
  const submit = h('button', {class: 'primary', type: 'submit'}, 'Log in');
  const form = h('form', {class: 'card login', onsubmit: async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      await post('/api/login', {name: name.value.trim(), token: token.value.trim()});
      done();
    } catch (failure) {
      error.textContent = failure.message;
      token.value = '';
      token.focus();
    } finally {
      submit.disabled = false;
    }
  }},
  h('h1', {}, h('img', {src: '/icon.svg', alt: '', width: 32, height: 32}), 'Vedette board'),
  h('label', {for: 'name'}, 'Your name'), name,
  h('p', {class: 'hint'}, 'Stands beside what you decide. A token of your own brings its name.'),
  h('label', {for: 'token'}, 'Token'), token,
  h('p', {class: 'hint'}, 'Printed by vedette serve when it was started.'),
  error, submit);
  render(root, h('main', {class: 'login-page'}, form));
  name.focus();
}
