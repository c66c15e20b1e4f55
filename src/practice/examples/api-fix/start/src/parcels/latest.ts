import type { Scan } from "../scans/scan.js";

/** The latest scan of a parcel by its time, which needn't be the one that came in last; null when there is none. */
export function latestOf(scans: readonly Scan[], parcel: string): Scan | null {
  let latest: Scan | null = null;
  for (const scan of scans) {
    if (scan.parcel === parcel && (latest === null || scan.at > latest.at)) latest = scan;
  }
  return latest;
}
