import { HttpError } from "../http/http-error.js";
import { readCursor, writeCursor } from "./cursor.js";
import type { Scan } from "./scan.js";

export interface PageRequest {
  limit: number;
  /** Where the page before ended; null asks for the first. */
  after: string | null;
}

export interface Page {
  scans: Scan[];
  /** Cursor of the following page; null on the last. */
  next: string | null;
}

export function readPageRequest(query: URLSearchParams): PageRequest {
  const limit = Number(query.get("limit") ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) {
    throw new HttpError(400, "limit must be a number from 1 to 500");
  }
  const cursor = query.get("cursor");
  return { limit, after: cursor === null ? null : readCursor(cursor) };
}

/** One page of the scans, newest first. */
export function pageOf(scans: readonly Scan[], { limit, after }: PageRequest): Page {
  const rest = scans
    .filter((scan) => after === null || scan.at < after)
    .sort((a, b) => b.at.localeCompare(a.at));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return { scans: page, next: last && rest.length > limit ? writeCursor(last.at) : null };
}
