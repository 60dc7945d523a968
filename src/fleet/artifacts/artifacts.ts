/**
 * Where contents of large files lie that are no load for the server of the queue. What is put there has a name of its own, which is never
 * given to anything else: a run's name, the epoch of whoever put it, and the hash of its bytes. All methods throw StoreDownError where the
 * place does not do what it is asked for; that may pass.
 */
export interface Artifacts {
  /** Its address, without secrets. */
  readonly place: string;
  /** Keeps bytes under a name: all of them, durably, before this resolves; otherwise there is nothing of that name. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Null where there is nothing of that name. */
  get(name: string): Promise<Buffer | null>;
  /** The names that begin with this folder's, such as a run's. */
  list(folder: string): Promise<string[]>;
  /** What is not there is no error. */
  remove(name: string): Promise<void>;
  /** Removes all whose names begin with this folder's, and the folder. */
  removeAll(folder: string): Promise<void>;
  close(): void;
}
