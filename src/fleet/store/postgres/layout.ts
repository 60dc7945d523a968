/** All tables of the fleet lie in a schema of their own: what else is in the database is left alone. */
export const schema = "autogpt_fleet";

/** The statements that make the tables of each version from those of the one before; the last version is that of this program. */
export const layouts: readonly (readonly string[])[] = [first(), budget(), shared(), workers()];

/** JSON is kept as text: PostgreSQL's own types for it refuse the character NUL, which a journal may hold. */
function first(): string[] {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${schema}`,
    `CREATE TABLE IF NOT EXISTS ${schema}.runs (
    run text PRIMARY KEY, run_order text NOT NULL, status text NOT NULL, asked_to_end boolean NOT NULL DEFAULT false,
    epoch bigint NOT NULL DEFAULT 0, holder text NOT NULL DEFAULT '', held_until timestamptz NOT NULL DEFAULT '-infinity',
    lines integer NOT NULL DEFAULT 0)`,
    `CREATE TABLE IF NOT EXISTS ${schema}.lines (
    run text NOT NULL REFERENCES ${schema}.runs ON DELETE CASCADE, number integer NOT NULL, line text NOT NULL,
    PRIMARY KEY (run, number))`,
    `CREATE TABLE IF NOT EXISTS ${schema}.files (
    run text NOT NULL REFERENCES ${schema}.runs ON DELETE CASCADE, path text COLLATE "C" NOT NULL, entry text NOT NULL,
    PRIMARY KEY (run, path))`,
    `CREATE TABLE IF NOT EXISTS ${schema}.contents (
    run text NOT NULL REFERENCES ${schema}.runs ON DELETE CASCADE, hash text NOT NULL, bytes bytea NOT NULL,
    PRIMARY KEY (run, hash))`,
    // Files and pictures are compressed as they are, or small.
    `ALTER TABLE ${schema}.contents ALTER COLUMN bytes SET STORAGE EXTERNAL`,
    `CREATE TABLE IF NOT EXISTS ${schema}.layout (version integer NOT NULL)`,
    `INSERT INTO ${schema}.layout SELECT 0 WHERE NOT EXISTS (SELECT FROM ${schema}.layout)`,
  ];
}

function shared(): string[] {
  return [`CREATE TABLE ${schema}.shared (name text PRIMARY KEY, value text NOT NULL)`];
}

function workers(): string[] {
  return [
    `CREATE TABLE ${schema}.workers (worker text PRIMARY KEY, facts text NOT NULL, there_until timestamptz NOT NULL)`,
  ];
}

function budget(): string[] {
  return [
    `ALTER TABLE ${schema}.runs ADD COLUMN nano bigint NOT NULL DEFAULT 0`,
    `CREATE TABLE ${schema}.budget (spent bigint NOT NULL, most bigint)`,
    `INSERT INTO ${schema}.budget VALUES (0, NULL)`,
  ];
}
