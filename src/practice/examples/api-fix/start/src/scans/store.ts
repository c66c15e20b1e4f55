import { appendFile, readFile } from "node:fs/promises";
import type { NewScan, Scan } from "./scan.js";

export interface Store {
  /** Keeps all of them, or throws and keeps none. */
  add(scans: NewScan[]): Promise<Scan[]>;
  /** All scans, in the order in which they came in. */
  all(): readonly Scan[];
}

/** The scans of a file, one a line, to which new ones are appended; with null, scans are kept in memory only. */
export async function openStore(file: string | null): Promise<Store> {
  const scans: Scan[] = file === null ? [] : await readScansFile(file);
  let last = Promise.resolve();

  async function append(added: NewScan[]): Promise<Scan[]> {
    const numbered = added.map((scan, index) => ({ id: scans.length + index + 1, ...scan }));
    if (file !== null) {
      await appendFile(file, numbered.map((scan) => `${JSON.stringify(scan)}\n`).join(""));
    }
    scans.push(...numbered);
    return numbered;
  }

  return {
    add(added) {
      // One after the other, so that ids and lines are in the same order.
      const adding = last.then(() => append(added));
      last = adding.then(
        () => undefined,
        () => undefined,
      );
      return adding;
    },
    all: () => scans,
  };
}

async function readScansFile(file: string): Promise<Scan[]> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Scan);
}
