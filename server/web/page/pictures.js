// Files of pictures as addresses that an <img> can have.

/** Fetches pictures with the caller's key; without one, the browser does so by itself. */
export class Pictures {
  /** @param {import('./api.js').Api} api */
  constructor(api) {
    this.api = api;
    /** @type {WeakMap<HTMLImageElement, string>} */
    this.shown = new WeakMap();
    this.observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) this.#load(/** @type {HTMLImageElement} */ (entry.target));
      }
    }, {rootMargin: '400px'});
    /** @type {WeakMap<HTMLImageElement, string>} */
    this.waiting = new WeakMap();
  }

  /**
   * Shows a picture, once it comes near the window.
   * @param {HTMLImageElement} image
   * @param {string} name "jobs/ID/images/0"
   */
  show(image, name) {
    if (this.api.key === '') {
      image.loading = 'lazy';
      image.src = `/v1/${name}`;
      return;
    }
    this.waiting.set(image, name);
    this.observer.observe(image);
  }

  /** @param {HTMLImageElement} image */
  async #load(image) {
    const name = this.waiting.get(image);
    this.observer.unobserve(image);
    this.waiting.delete(image);
    if (name === undefined) return;
    try {
      const url = URL.createObjectURL(await this.file(name));
      // A decoded image no longer needs the file.
      image.addEventListener('load', () => URL.revokeObjectURL(url), {once: true});
      image.src = url;
    } catch {
      image.classList.add('missing');
    }
  }

  /** @param {string} name */
  async file(name) {
    return (await this.api.ask(`/v1/${name}`)).blob();
  }

  /** Hands the file over. @param {string} name @param {string} as */
  async download(name, as) {
    this.hand(await this.file(name), as);
  }

  /** @param {Blob} file @param {string} as */
  hand(file, as) {
    const url = URL.createObjectURL(file);
    const link = document.createElement('a');
    link.href = url;
    link.download = as;
    document.body.append(link);
    link.click();
    link.remove();
    letGo(url);
  }
}

/**
 * Gives the memory of an address back, later: an element may only now be loading it.
 * @param {string} url
 */
export function letGo(url) {
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Of base64, as the interface has bytes. @param {string} base64 @param {string} type */
export function blobOf(base64, type) {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return new Blob([bytes], {type});
}

/** @param {Blob} blob */
export async function base64Of(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  const step = 0x8000;
  for (let at = 0; at < bytes.length; at += step) {
    text += String.fromCharCode(...bytes.subarray(at, at + step));
  }
  return btoa(text);
}
