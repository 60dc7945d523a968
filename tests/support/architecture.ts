import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** The fullest a folder of `src` or `tests` may be; the cure for a full folder is a folder. */
export const mostFiles = 15;

/** What a folder of `src`, or a file at its top, may import, and the floor that it lies on; floor 0 is open to all. */
type Room = { floor: number; mayImport: readonly string[] };

/**
 * Everything in which the tree below `root` breaks the rules of docs/architecture.md, a line each: a full folder, a circle
 * of imports, an import that the table of floors does not allow, and a row of the table that points upwards.
 */
export function architectureProblems(root: string): string[] {
  const rooms = readTable(readFileSync(join(root, "docs", "architecture.md"), "utf8"));
  const files = filesBelow(join(root, "src"));
  const sources = files.filter((file) => /\.tsx?$/.test(file));
  const known = new Set(sources);
  const imports = new Map(sources.map((file) => [file, importsOf(join(root, "src"), file, known)]));
  return [
    ...fullFolders(root),
    ...circles(imports).map((circle) => `circle of imports: ${circle.join(" → ")}`),
    ...[...rooms].flatMap(([name, room]) => upwardRows(name, room, rooms)),
    ...[...imports].flatMap(([file, targets]) => targets.flatMap((target) => wrongImport(file, target, rooms))),
  ];
}

function readTable(page: string): Map<string, Room> {
  const rows = page.matchAll(/^\| (\d+) +\| ([\w./-]+) +\| (.*?) *\|$/gm);
  const listed = (list: string): string[] => list.split(", ").filter((name) => name !== "");
  return new Map(
    [...rows].map(([, floor, name = "", list = ""]) => [name, { floor: Number(floor), mayImport: listed(list) }]),
  );
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(folder, posix.join(entry.parentPath, entry.name)));

function fullFolders(root: string): string[] {
  const counts = new Map<string, number>();
  for (const top of ["src", "tests"].filter((name) => existsSync(join(root, name)))) {
    for (const file of filesBelow(join(root, top))) {
      const folder = dirname(`${top}/${file}`);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([, count]) => count > mostFiles)
    .map(([folder, count]) => `${folder} has ${count} files, more than ${mostFiles}: make a folder in it`);
}

function importsOf(folder: string, file: string, known: ReadonlySet<string>): string[] {
  const text = readFileSync(join(folder, file), "utf8");
  const found = text.matchAll(/(?:^|\n)(?:import|export)\s[^;]*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/g);
  return [...found].map(([, fixed, late]) => {
    const target = posix.join(posix.dirname(file), (fixed ?? late) as string).replace(/\.js$/, ".ts");
    return known.has(`${target}x`) ? `${target}x` : target;
  });
}

const roomOf = (file: string): string => (file.includes("/") ? (file.split("/")[0] as string) : file);

function wrongImport(file: string, target: string, rooms: ReadonlyMap<string, Room>): string[] {
  const [from, to] = [roomOf(file), roomOf(target)];
  if (from === to) return [];
  const [own, other] = [rooms.get(from), rooms.get(to)];
  if (!own || !other) return [`${own ? to : from} is not in the table of docs/architecture.md`];
  if (own.floor > 0 && (other.floor === 0 || own.mayImport.includes(to))) return [];
  return [`${file} imports ${target}: the table does not allow it`];
}

function upwardRows(name: string, { floor, mayImport }: Room, rooms: ReadonlyMap<string, Room>): string[] {
  return mayImport
    .filter((other) => (rooms.get(other)?.floor ?? Infinity) >= floor)
    .map((other) => `the table lets ${name} (floor ${floor}) import ${other}, which does not lie below it`);
}

/** The groups of files that import each other, by Tarjan's algorithm (1972) for strongly connected components. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const number = order.size;
    order.set(file, number);
    low.set(file, number);
    open.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!imports.has(target)) continue;
      if (!order.has(target)) low.set(file, Math.min(low.get(file) as number, visit(target)));
      else if (open.includes(target)) low.set(file, Math.min(low.get(file) as number, order.get(target) as number));
    }
    if (low.get(file) === number) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1 || imports.get(file)?.includes(file)) found.push(group);
    }
    return low.get(file) as number;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
}
