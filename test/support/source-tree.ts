import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Paths below a folder, relative to the repository, that end so; sorted. None where the folder does not exist. */
export function filesIn(folder: string, ...endings: readonly string[]): string[] {
  let found;
  try {
    found = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
  return found
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** From each file to the files that it names; files outside the graph are left out. */
export type Graph = ReadonlyMap<string, readonly string[]>;

const typeScriptImport = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g;
const quotedInclude = /^\s*#\s*include\s+"([^"]+)"/gm;

/** Imports (types too) between TypeScript files. */
export function importGraph(files: readonly string[]): Graph {
  const known = new Set(files);
  const targets = (file: string): string[] =>
    [...textOf(file).matchAll(typeScriptImport)]
      .map(([, target = '']) => normalize(join(dirname(file), target)).replace(/\.js$/, '.ts'))
      .filter((target) => known.has(target));
  return new Map(files.map((file) => [file, targets(file)]));
}

/** Includes between C++ files; a path in quotes begins at native/. */
export function includeGraph(files: readonly string[]): Graph {
  const known = new Set(files);
  const targets = (file: string): string[] =>
    [...textOf(file).matchAll(quotedInclude)]
      .map(([, target = '']) => join('native', target))
      .filter((target) => known.has(target));
  return new Map(files.map((file) => [file, targets(file)]));
}

/** Edges that do not run from a higher floor to a lower one. A room is on the floor that lists it; its own files may know each other. */
export function climbingEdges(
  graph: Graph,
  floors: readonly (readonly string[])[],
  roomOf: (file: string) => string,
  allowed: (from: string, to: string) => boolean = () => false,
): string[] {
  const floorOf = new Map(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)));
  const floor = (file: string): number => {
    const found = floorOf.get(roomOf(file));
    if (found === undefined) throw new Error(`${file}: its room ${roomOf(file)} is on no floor; add it where it belongs`);
    return found;
  };
  return [...graph].flatMap(([from, targets]) =>
    targets
      .filter((to) => roomOf(from) !== roomOf(to) && floor(to) >= floor(from) && !allowed(from, to))
      .map((to) => `${from} -> ${to}`),
  );
}

/** The first cycle found, as a path that ends where it begins; undefined where there is none. */
export function findCycle(graph: Graph): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    const at = path.indexOf(file);
    if (at >= 0) return [...path.slice(at), file];
    if (done.has(file)) return undefined;
    for (const target of graph.get(file) ?? []) {
      const cycle = visit(target, [...path, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}
