// The frame around the views: who is logged in, which view is shown, and what has changed.
import {button, h, render} from './dom.mjs';
import {ApiError, get, post} from './api.mjs';
import {showLogin} from './login.mjs';
import {queueView} from './queue.mjs';
import {incidentView} from './incident.mjs';
import {matrixView} from './matrix.mjs';
import {scorecardView} from './scorecard.mjs';
import {responseView} from './response.mjs';
import {healthView} from './health.mjs';
import {auditView} from './audit.mjs';

const app = document.getElementById('app');
const REFRESH_MS = 700;   // between two refreshes, however fast things change
const RETRY_MS = 2000;

// A view is {title, load(), show(data)}: load asks the server, show makes nodes.
const VIEWS = {
  queue: queueView,
  incident: incidentView,
  matrix: matrixView,
  rules: scorecardView,
  response: responseView,
  health: healthView,
  audit: auditView,
};
const NAV = [['queue', 'Queue'], ['matrix', 'ATT&CK'], ['rules', 'Rules'],
  ['response', 'Response'], ['health', 'Health'], ['audit', 'Audit']];

let session = null;
let view = null;
let main = null;
let banner = null;
let live = null;      // AbortController of the question for changes
let shownHash = null;

function say(text, kind = '') {
  if (!banner) return;
  banner.className = 'banner ' + kind;
  banner.textContent = text;
  banner.hidden = text === '';
}

// Passing news: what was done, or why it was not.
function toast(text, kind = 'good') {
  const box = document.getElementById('toasts');
  const node = h('div', {class: 'toast ' + kind}, text);
  box.append(node);
  setTimeout(() => node.remove(), kind === 'bad' ? 12000 : 5000);
}

// That somebody has logged in here, so that a new tab asks for the session. Not the session itself.
const MARK = 'vedette-logged-in';

function loggedOut(why) {
  localStorage.removeItem(MARK);
  live?.abort();
  session = null;
  shownHash = null;
  showLogin(app, enter, why);
}

// What every view may use.
const context = {
  get session() { return session; },
  toast,
  refresh,
  // A change; the view is refreshed whatever comes of it. Gives the answer, or throws ApiError.
  async change(path, body) {
    try {
      return await post(path, body);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) loggedOut('You were logged out.');
      throw error;
    } finally {
      if (session) refresh();
    }
  },
};

function frame() {
  banner = h('div', {class: 'banner', role: 'status', 'aria-live': 'polite', hidden: true});
  main = h('main', {id: 'main', tabindex: -1});
  render(app,
    h('a', {class: 'skip', href: '#main', onclick: (event) => {
      event.preventDefault();
      main.focus();
    }}, 'Skip to content'),
    h('header', {class: 'top'},
      h('a', {class: 'brand', href: '#/queue'},
        h('img', {src: '/icon.svg', alt: '', width: 24, height: 24}), 'Vedette'),
      h('nav', {'aria-label': 'Views'}, NAV.map(([name, title]) =>
        h('a', {href: '#/' + name, id: 'nav-' + name}, title))),
      h('div', {class: 'who'},
        h('span', {id: 'user', title: session.roles.length
          ? 'Roles: ' + session.roles.join(', ') : 'No policy: no roles'}, session.user),
        button('Log out', async () => {
          await post('/api/logout').catch(() => {});
          loggedOut('');
        }, {class: 'quiet'}))),
    banner, main,
    h('div', {id: 'toasts', role: 'status', 'aria-live': 'polite'}));
}

let refreshing = Promise.resolve();

// Asks again for what the view shows. Not while somebody fills in a form: it would be gone.
function refresh() {
  refreshing = refreshing.then(async () => {
    const asked = view;
    if (!session || !asked) return;
    try {
      const data = await asked.load();
      if (asked !== view || !session) return;
      say('');
      document.title = asked.title(data) + ' \u2013 Vedette';
      render(main, asked.show(data));
      main.setAttribute('aria-busy', 'false');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) return loggedOut('Your session has ended. Log in again.');
      if (error.status === 0) return say('The server does not answer. Trying again\u2026', 'bad');
      if (asked === view) {
        render(main, h('div', {class: 'card'}, h('h1', {}, 'This cannot be shown'),
          h('p', {}, error.message), h('p', {}, h('a', {href: '#/queue'}, 'Back to the queue'))));
      }
    }
  });
  return refreshing;
}

function navigate() {
  if (!session || location.hash === shownHash) return;
  shownHash = location.hash;
  const [, name = '', ...rest] = location.hash.split('/');
  const make = VIEWS[name];
  if (!make) {
    location.replace('#/queue');
    return;
  }
  view?.close?.();
  view = make(context, ...rest.map(decodeURIComponent));
  for (const [known] of NAV) {
    const here = known === name || (known === 'queue' && name === 'incident');
    const link = document.getElementById('nav-' + known);
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  main.setAttribute('aria-busy', 'true');
  render(main, h('p', {class: 'empty'}, 'Loading\u2026'));
  window.scrollTo(0, 0);
  refresh();
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Asks for news for ever: the server answers when there are some.
async function follow(signal) {
  let version = session.version;
  while (!signal.aborted) {
    const asked = Date.now();
    try {
      const answer = await get('/api/changes?since=' + version, signal);
      if (answer.version !== version) {
        version = answer.version;
        await refresh();
        await sleep(REFRESH_MS);
      } else if (Date.now() - asked < 1000) {
        await sleep(RETRY_MS);  // too many ask: it did not wait
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 401) return loggedOut('Your session has ended. Log in again.');
      say('The server does not answer. Trying again\u2026', 'bad');
      version = -1;  // after a restart counting begins anew
      await sleep(RETRY_MS);
      version = 0;
    }
  }
}

function enter() {
  localStorage.setItem(MARK, '1');
  return start();
}

async function start() {
  if (!localStorage.getItem(MARK)) return showLogin(app, enter);
  try {
    session = await get('/api/session');
  } catch (error) {
    if (error.status === 401) return loggedOut('');
    render(app, h('main', {class: 'login-page'}, h('div', {class: 'card'},
      h('p', {role: 'alert'}, error.message), button('Try again', start))));
    return;
  }
  frame();
  live = new AbortController();
  navigate();
  follow(live.signal);
}

window.addEventListener('hashchange', navigate);
start();
