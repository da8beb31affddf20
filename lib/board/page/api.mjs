// Talking to the server. The token is never kept here: a cookie that scripts cannot see is.

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, {credentials: 'same-origin', cache: 'no-store', ...options});
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, 'gone', 'The server does not answer.');
  }
  let body;
  try {
    body = await response.json();
  } catch {
    throw new ApiError(response.status, 'no_json', 'The server gave something else than an answer.');
  }
  if (response.ok) return body;
  throw new ApiError(response.status, body.error?.code ?? '', body.error?.message ?? 'It failed.');
}

export function get(path, signal) {
  return ask(path, {signal});
}

export function post(path, body = {}) {
  return ask(path, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', 'X-Vedette': '1'},
    body: JSON.stringify(body),
  });
}
