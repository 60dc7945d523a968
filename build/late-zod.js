/* global require */
// What the program's bundle has in place of zod: a schema is made when something asks for more of it than another schema.
// It is bundled (see plugins.js), never run as it lies here.

/** The package itself, once a schema is made. @type {any} */
let made;
const zod = () => (made ??= require(/** @type {string} */ ("zod-in-use")));

/** What a schema made of others is given: the schemas that they stand for. @param {unknown} value @returns {unknown} */
function real(value) {
  if (value instanceof Late) return value.real();
  if (Array.isArray(value)) return value.map(real);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const all = Object.entries(Object.getOwnPropertyDescriptors(value));
  return Object.defineProperties({}, Object.fromEntries(all.map(([key, property]) => [key, realProperty(property)])));
}

/** A shape that refers to itself does so by a getter, which is not asked before its time. @param {PropertyDescriptor} property */
function realProperty({ get, ...property }) {
  if (get === undefined) return { ...property, value: real(property.value) };
  return { enumerable: true, configurable: true, get: () => real(get()) };
}

/** A schema to be: a function of zod's, or a method of another one, and what it is called with. */
class Late {
  /** @type {any} */
  #made;
  #of;
  #name;
  #given;

  /** @param {Late | null} of @param {string} name @param {readonly unknown[]} given */
  constructor(of, name, given) {
    this.#of = of;
    this.#name = name;
    this.#given = given;
  }

  /** The schema, which is made once. */
  real() {
    if (this.#made === undefined) {
      const of = this.#of === null ? zod() : this.#of.real();
      this.#made = of[this.#name](...this.#given.map(real));
      this.#of = null;
      this.#given = [];
    }
    return this.#made;
  }

  // These are called often.
  /** @param {unknown[]} given */
  parse(...given) {
    return this.real().parse(...given);
  }

  /** @param {unknown[]} given */
  safeParse(...given) {
    return this.real().safeParse(...given);
  }

  /** With nothing given it tells what is known of the schema. @param {unknown[]} given */
  meta(...given) {
    return given.length === 0 ? this.real().meta() : new Late(this, "meta", given);
  }
}

/** Methods that make a schema of a schema. What is not named here is correct as well, only not late. */
const making = [
  "array",
  "catch",
  "default",
  "describe",
  "email",
  "exactOptional",
  "extend",
  "int",
  "length",
  "max",
  "min",
  "nonnegative",
  "nullable",
  "nullish",
  "optional",
  "or",
  "partial",
  "pipe",
  "positive",
  "prefault",
  "readonly",
  "refine",
  "regex",
  "strict",
  "superRefine",
  "toLowerCase",
  "transform",
  "trim",
];
for (const name of making)
  Object.defineProperty(Late.prototype, name, {
    /** @this {Late} @param {unknown[]} given */
    value(...given) {
      return new Late(this, name, given);
    },
  });

// Whatever else is asked of it, the schema itself is asked.
Object.setPrototypeOf(
  Late.prototype,
  new Proxy(Object.prototype, {
    get(_target, key, /** @type {Late} */ late) {
      const schema = late.real();
      const value = schema[key];
      return typeof value === "function" ? value.bind(schema) : value;
    },
    has: (_target, key) => key === "_zod" || key === "~standard" || key in Object.prototype,
  }),
);

/** @param {string} name @returns {(...given: unknown[]) => Late} */
const late =
  (name) =>
  (...given) =>
    new Late(null, name, given);

export const array = late("array");
export const boolean = late("boolean");
export const custom = late("custom");
export const discriminatedUnion = late("discriminatedUnion");
const enumeration = late("enum");
export { enumeration as enum };
export const int = late("int");
export const iso = { date: late("isoDate"), datetime: late("isoDatetime") };
export const literal = late("literal");
export const looseObject = late("looseObject");
export const number = late("number");
export const object = late("object");
export const record = late("record");
export const strictObject = late("strictObject");
export const string = late("string");
export const tuple = late("tuple");
export const union = late("union");
export const unknown = late("unknown");
export const url = late("url");

/** @param {unknown[]} given */
export const toJSONSchema = (...given) => zod().toJSONSchema(...given.map(real));
/** @param {unknown[]} given */
export const fromJSONSchema = (...given) => zod().fromJSONSchema(...given);
