import { declaredSettings } from "../schema.js";
import { isSet } from "../read-value.js";

type Variables = Readonly<Record<string, string | undefined>>;

/** Words that a name has, whole or as the end of a word, when its value is a secret. */
const namesSecret =
  /(?:(?:^|_)(?:KEY|AUTH|PASS|PAT|JWT|BEARER)|APIKEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIALS?)\d*(?:_|$)/;
/** Not a password: the current folder and the one before, as shells name them. */
const namesFolder = /^(?:OLD)?PWD$/;
const namesCount = /(?:_TOKENS|_LIMIT)$/;
/** The name of a file that holds a secret. */
const namesFile = /_FILE$/;
const addressWithPassword = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*?:([^/?#\s]*)@/i;

/** What is written where a server wants a key and does not look at it: words that texts are full of. */
const dummy =
  /^(?:sk[-_])?(?:ollama|lm[-_]?studio|llama[-_.]?cpp|vllm|local(?:host)?|none|null|nil|undefined|empty|dummy|fake|test(?:ing)?|no[-_]?(?:api[-_]?)?key(?:[-_]?(?:needed|required))?|not[-_]?(?:needed|required|used)|unused|key|password|changeme|placeholder|anything|whatever|example)$/i;

/** Shorter values are too likely to be ordinary words. */
const shortestSecret = 8;
/** The shortest password in an address; there it is surely meant as one. */
const shortestPassword = 6;

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
  const isNamed =
    namesSecret.test(upper) && !namesCount.test(upper) && !namesFolder.test(upper) && !namesFile.test(upper);
  if (!isNamed && !known.has(upper)) return passwordsOf(value);
  return value.length >= shortestSecret && !dummy.test(value) ? [value] : passwordsOf(value);
}

/** The password in `redis://:password@host`, as it is written and decoded. */
function passwordsOf(address: string): string[] {
  const password = addressWithPassword.exec(address)?.[1] ?? "";
  return password.length >= shortestPassword && !dummy.test(password) ? [password, decoded(password)] : [];
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
