import type {
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";
import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../base/files.js";
import { isObject, parseJson } from "../../base/json.js";
import { nullIfMissing } from "../../base/system-error.js";
import { messageOf, SettingsError } from "../../errors.js";
import { withLock } from "../../storage/lock.js";

/** What is kept of a login at a server: who we are there, the tokens, and who has given them. */
export type Login = {
  client?: StoredOAuthClientInformation;
  tokens?: StoredOAuthTokens;
  discovery?: OAuthDiscoveryState;
  /** The scopes that the login asked for. */
  asked?: string;
  /** Those that the server has missed in calls; each login asks for them, too, until this one is forgotten. */
  missed?: string;
};

/** A login that is kept. */
export interface LoginPlace {
  /** What is kept; {} where nothing is, or it cannot be read. */
  read(): Promise<Login>;
  /**
   * Replaces it by what `change` makes of it, or leaves it where that is null; nobody else, in this process or another, changes it
   * meanwhile. Throws SettingsError where it cannot be kept, and what `change` throws.
   */
  change(change: (login: Login) => Login | null | Promise<Login | null>): Promise<void>;
}

/** The login at one address, in a file that only the user can read. */
export interface LoginStore extends LoginPlace {
  /** Whether there was anything to forget. */
  forget(): Promise<boolean>;
}

/** Longer than a renewal takes, in milliseconds. */
const longestWaitMs = 60_000;

/** `folder` is one of the program's own. A login belongs to the address: under another one it is not there. */
export function loginStore(folder: string, url: string): LoginStore {
  const file = join(folder, `${createHash("sha256").update(url).digest("hex").slice(0, 32)}.json`);
  const read = async (): Promise<Login> => {
    const kept = parseJson(await readFile(file, "utf8").catch(() => ""));
    return isObject(kept) && kept["url"] === url && isObject(kept["login"]) ? (kept["login"] as Login) : {};
  };
  const write = async (login: Login): Promise<void> => {
    // Whoever copied it here may have left it open to others.
    await chmod(file, 0o600).catch(nullIfMissing);
    await replaceFile(file, `${JSON.stringify({ url, login }, null, 2)}\n`, { newMode: 0o600 });
  };
  const alone = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
      throw notKept(file, thrown);
    });
    return withLock(`${file}.lock`, work, longestWaitMs);
  };
  return {
    read,
    change: (change) =>
      alone(async () => {
        const changed = await change(await read());
        if (changed === null) return;
        await write(changed).catch((thrown: unknown) => {
          throw notKept(file, thrown);
        });
      }),
    forget: () =>
      alone(async () => {
        const there = await readFile(file).catch(nullIfMissing);
        await rm(file, { force: true });
        return there !== null;
      }),
  };
}

const notKept = (file: string, cause: unknown): SettingsError =>
  new SettingsError(`${file}, where a login is kept, cannot be written: ${messageOf(cause)}`, { cause });

/** A login that is kept nowhere yet. */
export function loginInMemory(): LoginPlace {
  let login: Login = {};
  return {
    read: () => Promise.resolve(login),
    async change(change) {
      login = (await change(login)) ?? login;
    },
  };
}

const mostScopes = 100;

/** All scopes of these lists, each once; what is no scope by RFC 6749 is left out. Undefined where there is none. */
export function scopeUnion(...lists: readonly (string | undefined)[]): string | undefined {
  const all = lists.flatMap((list) => (typeof list === "string" ? list.split(" ") : []));
  const scopes = [...new Set(all)].filter((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(scope));
  return scopes.length === 0 ? undefined : scopes.slice(0, mostScopes).join(" ");
}

/** Texts of a login that nobody else is to see. */
export const secretsOfLogin = ({ client, tokens }: Login): string[] =>
  [tokens?.access_token, tokens?.refresh_token, tokens?.id_token, client?.client_secret].filter(
    (text): text is string => typeof text === "string" && text.length >= 8,
  );
