// The headers of a request, for the client library in the program's bundle: what it asks of the web's `Headers`, whose own would load all of
// Node's fetch. Names are as it gives them, in lower case; Node's client checks names and values when they are sent.

export class Headers {
  /** @type {Map<string, string>} */
  #values = new Map();

  /** @param {string} name @param {string} value */
  append(name, value) {
    const before = this.get(name);
    this.set(name, before === null ? value : `${before}, ${value}`);
  }

  /** @param {string} name @param {string} value */
  set(name, value) {
    this.#values.set(name.toLowerCase(), value);
  }

  /** @param {string} name */
  get(name) {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  /** @param {string} name */
  has(name) {
    return this.#values.has(name.toLowerCase());
  }

  /** @param {string} name */
  delete(name) {
    this.#values.delete(name.toLowerCase());
  }

  entries() {
    return this.#values.entries();
  }

  [Symbol.iterator]() {
    return this.entries();
  }
}
