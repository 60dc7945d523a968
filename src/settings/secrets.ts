import { declaredSettings } from "./schema.js";
import { isSet } from "./unset.js";

type Variables = Readonly<Record<string, string | undefined>>;

const namesSecret = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSPHRASE|AUTH)(?:_|$)/;
const namesCount = /(?:_TOKENS|_LIMIT)$/;
const addressWithPassword = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*?:([^/?#\s]*)@/i;

/** Shorter values are too likely to be ordinary words; the keys that we know of are trusted to be keys. */
const shortestGuessed = 8;
const shortestKnown = 6;

/** The values of keys, tokens and passwords among these variables, longest first, for masking. */
export function secretsIn(...sources: Variables[]): string[] {
  const known = knownNames();
  const found = sources.flatMap((variables) =>
    Object.entries(variables).flatMap(([name, value]) => (isSet(value) ? secretsOf(name, value.trim(), known) : [])),
  );
  return [...new Set(found)].sort((one, other) => other.length - one.length);
}

function secretsOf(name: string, value: string, known: ReadonlySet<string>): string[] {
  const upper = name.toUpperCase();
  if (known.has(upper)) return value.length >= shortestKnown ? [value] : [];
  if (namesSecret.test(upper) && !namesCount.test(upper) && value.length >= shortestGuessed) return [value];
  return passwordsOf(value);
}

/** The password in `redis://:password@host`, as it is written and decoded. */
function passwordsOf(address: string): string[] {
  const password = addressWithPassword.exec(address)?.[1] ?? "";
  return password.length >= shortestKnown ? [password, decoded(password)] : [];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const knownNames = (): ReadonlySet<string> =>
  new Set(declaredSettings().flatMap(([, { secret, environment = [] }]) => (secret ? environment : [])));
