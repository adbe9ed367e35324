/** What GraphiQL keeps its own entries under when it is given no storage. */
const keptBefore = "graphiql:";

/**
 * A storage in the memory of the page, for GraphiQL: what was asked, with which variables, is gone with the page. Others
 * may use the same machine, and documents hold names, documents and secrets that were typed.
 */
export function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => {
      items.set(key, value);
    },
    removeItem: (key) => {
      items.delete(key);
    },
    clear: () => items.clear(),
    key: (index) => [...items.keys()][index] ?? null,
    get length() {
      return items.size;
    },
  };
}

/** Removes what an earlier version of this page let GraphiQL keep on the machine. */
export function forgetKept() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(keptBefore)) localStorage.removeItem(key);
}
