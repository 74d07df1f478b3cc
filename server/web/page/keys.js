// The caller's key: for this tab, or, when asked to, for later visits of this browser too.

const place = 'darkroom.key';

export function readKey() {
  return sessionStorage.getItem(place) ?? localStorage.getItem(place) ?? '';
}

export function isRemembered() {
  return localStorage.getItem(place) !== null;
}

/** @param {string} key empty: forgets it @param {boolean} remember */
export function keepKey(key, remember) {
  sessionStorage.removeItem(place);
  localStorage.removeItem(place);
  if (key !== '') (remember ? localStorage : sessionStorage).setItem(place, key);
}
