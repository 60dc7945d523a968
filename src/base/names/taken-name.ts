/**
 * What is wrong with the names of what is added to a list: the first that is taken, by one of `items` or of those added
 * before it; null where none is. `namesOf`: every name by which one is found.
 */
export function takenName<Item extends { name: string }>(
  items: readonly Item[],
  added: readonly Item[],
  namesOf: (item: Item) => readonly string[] = ({ name }) => [name],
): string | null {
  const taken = new Set(items.flatMap(namesOf));
  for (const item of added) {
    for (const name of namesOf(item)) {
      if (taken.has(name))
        return `${JSON.stringify(item.name)} uses the name ${JSON.stringify(name)}, which is taken. Give it another one.`;
      taken.add(name);
    }
  }
  return null;
}
