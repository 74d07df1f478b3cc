// Dark or light, as the system is set until somebody says otherwise.

import {h} from './dom.js';
import {t} from './i18n.js';

const place = 'darkroom.theme';

const systemTheme = () => matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';

export function themeButton() {
  const chosen = localStorage.getItem(place);
  if (chosen !== null) document.documentElement.dataset.theme = chosen;
  return h('button', {
    type: 'button', class: 'quiet', 'aria-label': t('theme'), title: t('theme'), on: {
      click: () => {
        const now = document.documentElement.dataset.theme ?? systemTheme();
        const next = now === 'dark' ? 'light' : 'dark';
        document.documentElement.dataset.theme = next;
        localStorage.setItem(place, next);
      },
    },
  }, '◐');
}
