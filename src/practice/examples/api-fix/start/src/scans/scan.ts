import { HttpError } from "../http/http-error.js";

const kinds = ["arrived", "sorted", "loaded", "delivered"] as const;

export interface NewScan {
  parcel: string;
  depot: string;
  kind: (typeof kinds)[number];
  /** When it was scanned, by the handheld's clock, which counts seconds. ISO 8601 in UTC, with milliseconds. */
  at: string;
}

export interface Scan extends NewScan {
  /** Counts up in the order in which scans come in. */
  id: number;
}

/** The scans in the body of a request. */
export function readScans(body: unknown): NewScan[] {
  const scans = isRecord(body) ? body["scans"] : undefined;
  if (!Array.isArray(scans) || scans.length === 0 || scans.length > 1000) {
    throw new HttpError(400, "scans must be a list of 1 to 1,000 scans");
  }
  return scans.map((scan, index) => readScan(scan, `scans[${index}]`));
}

function readScan(value: unknown, where: string): NewScan {
  if (!isRecord(value)) throw new HttpError(400, `${where} must be an object`);
  const kind = kinds.find((known) => known === value["kind"]);
  if (kind === undefined) throw new HttpError(400, `${where}.kind must be one of ${kinds.join(", ")}`);
  return {
    parcel: readName(value["parcel"], `${where}.parcel`),
    depot: readName(value["depot"], `${where}.depot`),
    kind,
    at: readTime(value["at"], `${where}.at`),
  };
}

function readName(value: unknown, where: string): string {
  if (typeof value === "string" && /^[\w-]{1,40}$/.test(value)) return value;
  throw new HttpError(400, `${where} must be 1 to 40 letters, digits, _ or -`);
}

function readTime(value: unknown, where: string): string {
  const time = typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(time)) throw new HttpError(400, `${where} must be a time, as 2026-03-02T05:14:09Z`);
  return new Date(time).toISOString();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
